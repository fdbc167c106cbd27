"""What several suites stand on: a scripted web server, certificates, a watch on the sockets."""
