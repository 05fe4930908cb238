/** More ways to call a script: without packages, from PHP, and without waiting for its end. */
import {
  type Call,
  curlCall,
  curlToken,
  exampleParts,
  javascriptHeaders,
  javascriptRequest,
  pythonHeaders,
  pythonLiteral,
  pythonRequest,
  shell,
} from './calls.ts'

/** Python with nothing installed: files go as data: addresses, so that the body is JSON. */
export function urllibCall(call: Call): string {
  const { files, fields } = exampleParts(call)
  const values = [
    ...fields.map(([name, value]) => `    ${pythonLiteral(name)}: ${pythonLiteral(value)},`),
    ...files.map(([name, file]) => `    ${pythonLiteral(name)}: as_data(${pythonLiteral(file)}),`),
  ]
  const headers = [...pythonHeaders(call), '"Content-Type": "application/json"']
  return [
    ...(files.length > 0 ? ['import base64'] : []),
    'import json',
    ...(call.token === undefined ? ['import os'] : []),
    'import urllib.request',
    '',
    ...(files.length > 0 ? asData : []),
    ...(values.length > 0 ? ['values = {', ...values, '}'] : ['values = {}']),
    'request = urllib.request.Request(',
    `    ${pythonLiteral(call.url)},`,
    '    data=json.dumps(values).encode(),',
    `    headers={${headers.join(', ')}},`,
    ')',
    'with urllib.request.urlopen(request) as response:',
    '    answer = json.load(response)',
    'print(answer.get("data", answer.get("url")))',
  ].join('\n')
}

const asData = [
  'def as_data(path):',
  '    with open(path, "rb") as file:',
  '        return "data:application/octet-stream;base64," + base64.b64encode(file.read()).decode()',
  '',
  '',
]

export function phpCall(call: Call): string {
  const { files, fields } = exampleParts(call)
  const token =
    call.token === undefined ? "'Authorization: Bearer ' . getenv('TOKEN')" : php(`Authorization: Bearer ${call.token}`)
  const isJson = files.length === 0
  const headers = [
    ...(call.token === null ? [] : [token]),
    ...Object.entries(call.headers ?? {}).map(([name, value]) => php(`${name}: ${value}`)),
    ...(isJson ? ["'Content-Type: application/json'"] : []),
  ]
  const values = fields.length === 0 ? 'new stdClass()' : php(Object.fromEntries(fields))
  const form = [
    ...files.map(([name, file]) => `        ${php(name)} => new CURLFile(${php(file)}),`),
    ...(fields.length > 0 ? [`        'payload' => json_encode(${values}),`] : []),
  ]
  return [
    '<?php',
    `$curl = curl_init(${php(call.url)});`,
    'curl_setopt_array($curl, [',
    '    CURLOPT_POST => true,',
    '    CURLOPT_RETURNTRANSFER => true,',
    `    CURLOPT_HTTPHEADER => [${headers.join(', ')}],`,
    ...(isJson
      ? [`    CURLOPT_POSTFIELDS => json_encode(${values}),`]
      : ['    CURLOPT_POSTFIELDS => [', ...form, '    ],']),
    ']);',
    '$answer = json_decode(curl_exec($curl), true);',
    "if ($answer['status'] === 'error') throw new Exception($answer['error']['message']);",
    "print_r($answer['data'] ?? $answer['url']);",
  ].join('\n')
}

function php(value: unknown): string {
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  if (Array.isArray(value)) return `[${value.map(php).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, one]) => `${php(key)} => ${php(one)}`)
    return members.length === 0 ? 'new stdClass()' : `[${members.join(', ')}]`
  }
  return JSON.stringify(value) ?? 'null'
}

/** A call that is answered at once, and is the same run when it is sent again. */
const asynchronous = (call: Call): Call => ({
  ...call,
  headers: { Prefer: 'respond-async', 'Idempotency-Key': 'order-4711', ...call.headers },
})

const runsOf = (url: string) => `${url.slice(0, url.indexOf('/api/'))}/api/runs/`

export function curlAsync(call: Call): string {
  const ask = [`curl -s ${shell(runsOf(call.url))}"$run"`, ...curlToken(call.token)].join(' ')
  return [
    `run=$(${curlCall(asynchronous(call)).replace('curl ', 'curl -s ')} |`,
    `  sed 's/.*"run_id":\\([0-9]*\\).*/\\1/')`,
    `until ${ask} |`,
    `  grep -q '"finished_at":"'; do sleep 1; done`,
    ask,
  ].join('\n')
}

export function pythonAsync(call: Call): string {
  const headers = pythonHeaders({ token: call.token })
  const ask = `requests.get(${pythonLiteral(runsOf(call.url))} + str(run["run_id"])${headers.length > 0 ? `, headers={${headers.join(', ')}}` : ''})`
  return [
    ...(call.token === undefined ? ['import os', 'import time'] : ['import time']),
    '',
    'import requests',
    '',
    ...pythonRequest(asynchronous(call)),
    'response.raise_for_status()',
    'run = response.json()',
    'while run.get("finished_at") is None:',
    '    time.sleep(1)',
    `    run = {"run_id": run["run_id"], **${ask}.json()}`,
    'print(run["status"], run["result"])',
  ].join('\n')
}

export function javascriptAsync(call: Call): string {
  const headers = javascriptHeaders({ token: call.token })
  const options = headers.length > 0 ? `, { headers: { ${headers.join(', ')} } }` : ''
  return [
    ...javascriptRequest(asynchronous(call)),
    'if (!response.ok) throw new Error((await response.json()).error.message)',
    'const { run_id } = await response.json()',
    'let run',
    'do {',
    '  await new Promise((done) => setTimeout(done, 1000))',
    `  run = await (await fetch('${runsOf(call.url)}' + run_id${options})).json()`,
    '} while (run.finished_at === null)',
    'console.log(run.status, run.result)',
  ].join('\n')
}
