/** How a script is called from elsewhere: the same request in several languages, with its required parameters. */
import type { Param } from '../src/scripts/model.ts'

export interface Call {
  url: string
  params: Param[]
  /** As the call sends it; left out, it is in the environment as TOKEN; null where nobody is asked for one. */
  token?: string | null
  /** More headers, by their names. */
  headers?: Record<string, string>
  /** A file is sent where the script takes one, although it need not be. */
  withFile?: boolean
}

/** The values of the example: what is required, else the first parameter, so that there is something to change. */
function exampleValues({ params, withFile = false }: Pick<Call, 'params' | 'withFile'>): [Param, unknown][] {
  const file = withFile ? params.find((param) => param.type === 'file') : undefined
  const needed = params.filter((param) => param.required || param === file)
  const shown = needed.length > 0 ? needed : params.slice(0, 1)
  return shown.map((param) => [param, exampleOf(param)])
}

function exampleOf(param: Param): unknown {
  if (param.default !== undefined && !param.secret) return param.default
  const one = param.choices?.[0] ?? examples[param.type](param)
  return param.multiple ? [one] : one
}

const examples: Record<Param['type'], (param: Param) => unknown> = {
  str: ({ name, secret }) => (secret ? '…' : name),
  int: ({ min }) => min ?? 1,
  float: ({ min }) => min ?? 0.5,
  bool: () => true,
  file: ({ declaredType }) => fileNames[declaredType] ?? 'input.bin',
  choice: () => '',
  json: () => ({}),
  url: () => 'https://example.com/',
}

const fileNames: Record<string, string> = {
  image: 'photo.jpg',
  audio: 'sound.mp3',
  video: 'clip.mp4',
  media: 'photo.jpg',
}

/** What the example sends: files by their names, everything else as values. */
export const exampleParts = (call: Pick<Call, 'params' | 'withFile'>) => {
  const values = exampleValues(call)
  return {
    files: values.filter(([param]) => param.type === 'file').map(([{ name }, value]) => [name, String(value)] as const),
    fields: values.filter(([param]) => param.type !== 'file').map(([{ name }, value]) => [name, value] as const),
  }
}

export const shell = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
export const formText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
/** A list is one field per value. */
const spread = (fields: (readonly [string, unknown])[]) =>
  fields.flatMap(([name, value]) =>
    Array.isArray(value) ? value.map((one) => [name, one] as const) : [[name, value] as const],
  )

export function curlCall(call: Call): string {
  const { url, token, headers = {} } = call
  const { files, fields } = exampleParts(call)
  const more = Object.entries(headers).map(([name, value]) => `-H ${shell(`${name}: ${value}`)}`)
  const lines = [`curl -X POST ${shell(url)}`, ...curlToken(token), ...more]
  if (files.length > 0) {
    for (const [name, file] of files) lines.push(`-F ${shell(`${name}=@${file}`)}`)
    for (const [name, value] of spread(fields)) lines.push(`--form-string ${shell(`${name}=${formText(value)}`)}`)
  } else if (fields.length > 0) {
    lines.push("-H 'Content-Type: application/json'", `-d ${shell(JSON.stringify(Object.fromEntries(fields)))}`)
  }
  return lines.join(' \\\n  ')
}

/** What may be called, for a token that runs nothing. */
export const listCall = (baseUrl: string, token: string) =>
  [`curl ${shell(`${baseUrl}/api/scripts`)}`, ...curlToken(token)].join(' \\\n  ')

/** The shell fills in a variable between double quotes only. */
export const curlToken = (token: Call['token']) =>
  token === null
    ? []
    : [token === undefined ? '-H "Authorization: Bearer $TOKEN"' : `-H ${shell(`Authorization: Bearer ${token}`)}`]

export function pythonCall(call: Call): string {
  return [
    ...(call.token === undefined ? ['import os', '', 'import requests'] : ['import requests']),
    '',
    ...pythonRequest(call),
    'answer = response.json()',
    'if answer["status"] == "error":',
    '    raise SystemExit(answer["error"]["message"])',
    'print(answer.get("data", answer.get("url")))',
  ].join('\n')
}

/** `response = …`, without what stands around it. */
export function pythonRequest(call: Call): string[] {
  const { url } = call
  const { files, fields } = exampleParts(call)
  const values = `{${fields.map(([name, value]) => `${pythonLiteral(name)}: ${pythonLiteral(value)}`).join(', ')}}`
  const formValues = `{${fields.map(([name, value]) => `${pythonLiteral(name)}: ${pythonForm(value)}`).join(', ')}}`
  const opened = files.map(([name, file]) => `        ${pythonLiteral(name)}: open(${pythonLiteral(file)}, "rb"),`)
  const headers = pythonHeaders(call)
  return [
    'response = requests.post(',
    `    ${pythonLiteral(url)},`,
    ...(headers.length === 0 ? [] : [`    headers={${headers.join(', ')}},`]),
    ...(files.length > 0 ? ['    files={', ...opened, '    },'] : []),
    ...(fields.length === 0 ? [] : [files.length > 0 ? `    data=${formValues},` : `    json=${values},`]),
    ')',
  ]
}

/** As the members of a dict. */
export function pythonHeaders({ token, headers = {} }: Pick<Call, 'token' | 'headers'>): string[] {
  const value = token === undefined ? '"Bearer " + os.environ["TOKEN"]' : pythonLiteral(`Bearer ${token}`)
  return [
    ...(token === null ? [] : [`"Authorization": ${value}`]),
    ...Object.entries(headers).map(([name, text]) => `${pythonLiteral(name)}: ${pythonLiteral(text)}`),
  ]
}

const pythonForm = (value: unknown) =>
  Array.isArray(value)
    ? `[${value.map((one) => pythonLiteral(formText(one))).join(', ')}]`
    : pythonLiteral(formText(value))

export function pythonLiteral(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, one]) => `${JSON.stringify(key)}: ${pythonLiteral(one)}`)
      .join(', ')}}`
  return JSON.stringify(value)
}

export function javascriptCall(call: Call): string {
  return [
    ...javascriptRequest(call),
    'const answer = await response.json()',
    "if (answer.status === 'error') throw new Error(answer.error.message)",
    'console.log(answer.data ?? answer.url)',
  ].join('\n')
}

/** `const response = …`, and what it needs before it. */
export function javascriptRequest(call: Call): string[] {
  const { url, token } = call
  const { files, fields } = exampleParts(call)
  const imports = [
    ...(files.length > 0 ? ["import { openAsBlob } from 'node:fs'"] : []),
    ...(token === undefined ? ["import { env } from 'node:process'"] : []),
  ]
  const body =
    files.length > 0
      ? [
          'const body = new FormData()',
          ...files.map(([name, file]) => `body.append(${js(name)}, await openAsBlob(${js(file)}), ${js(file)})`),
          ...spread(fields).map(([name, value]) => `body.append(${js(name)}, ${js(formText(value))})`),
          '',
        ]
      : []
  const isJson = files.length === 0 && fields.length > 0
  const headers = [...javascriptHeaders(call), ...(isJson ? ["'content-type': 'application/json'"] : [])]
  return [
    ...(imports.length > 0 ? [...imports, ''] : []),
    ...body,
    `const response = await fetch(${js(url)}, {`,
    "  method: 'POST',",
    ...(headers.length > 0 ? [`  headers: { ${headers.join(', ')} },`] : []),
    ...(files.length > 0 ? ['  body,'] : isJson ? [`  body: JSON.stringify(${js(Object.fromEntries(fields))}),`] : []),
    '})',
  ]
}

/** As the members of an object. */
export function javascriptHeaders({ token, headers = {} }: Pick<Call, 'token' | 'headers'>): string[] {
  const value = token === undefined ? "'Bearer ' + env.TOKEN" : js(`Bearer ${token}`)
  return [
    ...(token === null ? [] : [`authorization: ${value}`]),
    ...Object.entries(headers).map(([name, text]) => `${js(name.toLowerCase())}: ${js(text)}`),
  ]
}

export function js(value: unknown): string {
  if (typeof value === 'string')
    return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
  if (Array.isArray(value)) return `[${value.map(js).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([key, one]) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : js(key)}: ${js(one)}`,
    )
    return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
  }
  return JSON.stringify(value)
}
