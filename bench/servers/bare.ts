/** The yardstick: the least that node:http can do for a redirect. Arguments: port, and address (loopback unless given). */
import { createServer } from 'node:http'

createServer((request, response) => {
  response.writeHead(301, { location: `https://${request.headers.host}${request.url}`, 'content-length': 0 })
  response.end()
}).listen(Number(process.argv[2]), process.argv[3] ?? '127.0.0.1')
