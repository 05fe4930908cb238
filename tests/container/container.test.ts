/** No container engine here: these tests read the files and hold them to what the project has. */
import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { options, readEnvironment } from '../../src/config.ts'
import { parseDockerfile, parseEnv } from './dockerfile.ts'

const root = resolve(import.meta.dir, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

const instructions = parseDockerfile(read('Dockerfile'))
const all = (name: string) => instructions.filter((instruction) => instruction.name === name)
const last = (name: string) => all(name).at(-1)?.text ?? ''
const env = Object.assign({}, ...all('ENV').map(({ text }) => parseEnv(text))) as Record<string, string>
const defaultPort = String(options.port.default)

describe('the Dockerfile', () => {
  test('has a stage that builds and a last one that runs', () => {
    expect(all('FROM').map(({ text }) => text)).toEqual([
      expect.stringMatching(/^node:\d+-\S+ AS build$/),
      expect.stringMatching(/^python:3\.\d+-slim-\S+$/),
    ])
  })

  test('copies only what is there and not ignored', () => {
    const ignored = read('.dockerignore').split('\n')
    for (const { flags, text } of all('COPY')) {
      if (flags.from) continue
      for (const source of text.split(' ').slice(0, -1)) {
        expect(existsSync(join(root, source)), source).toBe(true)
        expect(ignored).not.toContain(source)
      }
    }
  })

  test('builds with a command of package.json, whose parts are not ignored', () => {
    const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts
    const commands = all('RUN')
      .map(({ text }) => /^npm run (\S+)$/.exec(text)?.[1])
      .filter((name) => name !== undefined)
    expect(commands).toEqual(['build'])
    expect(Object.keys(scripts)).toContain('build')
    const ignored = read('.dockerignore').split('\n')
    for (const part of ['src', 'views', 'public', 'scripts_repo', 'package.json', 'package-lock.json', 'tsconfig.json'])
      expect(ignored).not.toContain(part)
  })

  test('takes the executable out of the build stage and starts it', () => {
    const fromBuild = all('COPY').filter(({ flags }) => flags.from === 'build')
    expect(fromBuild.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^\S+\/dist\/scriptgateway \/usr\/local\/bin\//),
    ])
    expect(JSON.parse(last('ENTRYPOINT'))).toEqual(['scriptgateway'])
    expect(JSON.parse(last('CMD'))).toEqual(['serve'])
  })

  test('runs as a user that is not root, made before', () => {
    expect(last('USER')).toMatch(/^(?!root$|0$)[a-z]+$/)
    expect(all('RUN').some(({ text }) => text.includes(`useradd `) && text.includes(last('USER')))).toBe(true)
    const names = instructions.map(({ name }) => name)
    expect(names.lastIndexOf('USER')).toBeGreaterThan(names.lastIndexOf('RUN'))
  })

  test('asks for health with the executable itself, and stops with TERM', () => {
    expect(last('HEALTHCHECK')).toBe('CMD ["scriptgateway", "health"]')
    expect(last('STOPSIGNAL')).toBe('SIGTERM')
  })

  test('sets only options that exist, to values that they take', () => {
    expect(Object.keys(env).sort()).toEqual(['DATA_DIR', 'HOST', 'PORT', 'PYTHON', 'SCRIPTS_DIR'])
    expect(readEnvironment(env)).toMatchObject({ host: '0.0.0.0', port: options.port.default })
    expect(last('EXPOSE')).toBe(defaultPort)
  })

  test('keeps scripts and data in volumes', () => {
    expect(JSON.parse(last('VOLUME')).sort()).toEqual([env.DATA_DIR, env.SCRIPTS_DIR].sort())
  })
})

interface Compose {
  services: Record<string, Service>
  volumes: Record<string, unknown>
}

interface Service {
  build: string
  ports: string[]
  environment: Record<string, string>
  volumes: string[]
  init: boolean
  stop_grace_period: string
}

describe('compose.yaml', () => {
  const compose = Bun.YAML.parse(read('compose.yaml')) as Compose
  const service = compose.services.scriptgateway!

  test('mounts a folder for the scripts and a volume for the data where the image expects them', () => {
    const mounts = service.volumes.map((mount) => mount.split(':'))
    expect(mounts.map(([, target]) => target).sort()).toEqual([env.DATA_DIR, env.SCRIPTS_DIR].sort())
    for (const [source = ''] of mounts)
      expect(source.startsWith('.') ? existsSync(join(root, source)) : source in compose.volumes, source).toBe(true)
  })

  test('publishes the port that the image listens on', () => {
    expect(service.build).toBe('.')
    expect(service.ports).toEqual([`\${PORT:-${defaultPort}}:${env.PORT}`])
  })

  test('hands on only what the gateway reads, and no credential of its own', () => {
    const known = new Set([...Object.values(options).map((option) => option.env), 'ADMIN_TOKEN', 'TZ'])
    expect(Object.keys(service.environment).filter((name) => !known.has(name))).toEqual([])
    expect(service.environment.ADMIN_TOKEN).toMatch(/^\$\{ADMIN_TOKEN:-\}$/)
  })

  test('waits longer for the end than the gateway takes for it', () => {
    expect(service.init).toBe(true)
    const graceSec = Number.parseInt(service.stop_grace_period, 10)
    expect(graceSec).toBeGreaterThan(options.drain_sec.default + options.kill_grace_sec.default)
  })
})
