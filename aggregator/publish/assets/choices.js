// Remembers what a reader has chosen: light or dark, and which script of Chinese. Every page is whole without it.
// Runs in the head, before anything is painted, so that no page flashes in the wrong light.
(() => {
  const root = document.documentElement
  const colours = [...document.querySelectorAll('meta[name=theme-color]')].map(meta => [meta, meta.content])

  const kept = name => {
    try { return localStorage.getItem(`paper.${name}`) } catch { return null }
  }
  const keep = (name, value) => {
    try { localStorage.setItem(`paper.${name}`, value) } catch { /* then it holds for this page alone */ }
  }

  const shine = light => {
    const chosen = ['bright', 'dark'].indexOf(light)
    if (chosen < 0) delete root.dataset.light
    else root.dataset.light = light
    for (const [meta, own] of colours) meta.content = chosen < 0 ? own : (colours[chosen]?.[1] ?? own)
  }
  const show = () => {
    shine(kept('light'))
    const button = document.getElementById(`light-${root.dataset.light ?? 'auto'}`)
    if (button) button.checked = true
  }

  show()
  addEventListener('DOMContentLoaded', show)
  addEventListener('pageshow', show) // browsers bring buttons back as they were
  addEventListener('storage', show) // chosen in another window
  addEventListener('change', ({target}) => {
    if (target.name !== 'light') return
    const light = target.id.replace('light-', '')
    keep('light', light)
    shine(light)
  })

  // A page that stands in several scripts gives way to that in the chosen one, or in one of its kind.
  const isTraditional = script => script !== 'zh-Hans'
  const here = root.dataset.script, wanted = kept('script')
  if (here && wanted && here !== wanted) {
    const others = [...document.querySelectorAll('link[rel=alternate][hreflang]')]
    const found = others.find(one => one.hreflang === wanted)
      ?? (isTraditional(here) === isTraditional(wanted) ? null
        : others.find(one => isTraditional(one.hreflang) === isTraditional(wanted)))
    if (found) location.replace(found.href + location.hash)
  }
  addEventListener('click', ({target}) => {
    const link = target.closest?.('.scripts a[hreflang]')
    if (link) keep('script', link.hreflang)
  })
})()
