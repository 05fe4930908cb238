/** A process of its own for measuring: reads submissions into the folder given, prints its port. */
import { readSubmission } from '../../src/files/body.ts'

const tmpDir = process.argv[2]!
const MiB = 1024 * 1024

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  maxRequestBodySize: 1024 * MiB,
  async fetch(request) {
    const { files, dispose } = await readSubmission(request, { tmpDir, bodyBytesMax: MiB, uploadBytesMax: 512 * MiB })
    await dispose()
    return Response.json(files.map(({ size }) => size))
  },
})
console.log(server.port)
