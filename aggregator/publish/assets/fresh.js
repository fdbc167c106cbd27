// Says that there are new articles, above a page that is being read and is left as it is. Every page is whole without it.
// It asks for the page itself, conditionally: an answer without news is a 304.
(() => {
  const notice = document.querySelector('.fresh')
  if (!notice || !location.protocol.startsWith('http')) return
  const EVERY = 120e3, LONGEST = 3600e3 // milliseconds
  const articles = page => [...page.querySelectorAll('main article :is(h2, h3) a')].map(link => link.getAttribute('href'))
  const known = new Set(articles(document))
  let wait = EVERY, asked = Date.now(), tag, timer

  const tell = page => {
    const count = new Set(articles(page).filter(one => !known.has(one))).size
    if (!count) return notice.replaceChildren()
    const link = document.createElement('a')
    link.href = location.pathname + location.search
    link.textContent = count === 1 ? notice.dataset.one : notice.dataset.many.replace('{n}', count)
    notice.replaceChildren(link)
  }

  const look = async () => {
    asked = Date.now()
    try {
      const answer = await fetch(location.pathname + location.search, {cache: 'no-cache'})
      if (!answer.ok) throw answer
      const current = answer.headers.get('etag')
      if (!current || current !== tag) tell(new DOMParser().parseFromString(await answer.text(), 'text/html'))
      tag = current
      wait = EVERY
    } catch {
      wait = Math.min(wait * 2, LONGEST)
    }
    plan()
  }

  // Not at the same moment as everybody else, and only while somebody looks.
  const plan = () => {
    clearTimeout(timer)
    if (document.hidden) return
    timer = setTimeout(look, Math.max(asked + wait * (0.9 + 0.2 * Math.random()) - Date.now(), 0))
  }
  addEventListener('visibilitychange', plan, true)
  plan()
})()
