/** Complete scripts to start from, the same ones for each runtime; inside the binary. */
import { GatewayError } from '../errors.ts'
import { type RuntimeName, runtimeNames } from './model.ts'
import fileJs from './templates/file.js.txt' with { type: 'text' }
import filePython from './templates/file.py' with { type: 'text' }
import httpJs from './templates/http.js.txt' with { type: 'text' }
import httpPython from './templates/http.py' with { type: 'text' }
import parametersJs from './templates/parameters.js.txt' with { type: 'text' }
import parametersPython from './templates/parameters.py' with { type: 'text' }
import progressJs from './templates/progress.js.txt' with { type: 'text' }
import progressPython from './templates/progress.py' with { type: 'text' }
import reportJs from './templates/report.js.txt' with { type: 'text' }
import reportPython from './templates/report.py' with { type: 'text' }
import starterJs from './templates/starter.js.txt' with { type: 'text' }
import starterPython from './templates/starter.py' with { type: 'text' }
import tableJs from './templates/table.js.txt' with { type: 'text' }
import tablePython from './templates/table.py' with { type: 'text' }

/** What a template shows. */
export const topics = ['starter', 'parameters', 'file', 'table', 'progress', 'http', 'report'] as const
export type Topic = (typeof topics)[number]

export interface Template {
  /** `python` and `js` are the starters, others are `table-python`, `table-js` … */
  name: string
  runtime: RuntimeName
  topic: Topic
  /** A name to begin with. */
  filename: string
  description: string
  content: string
}

const shown: Record<Topic, { filename: string; description: string } & Record<RuntimeName, string>> = {
  starter: {
    filename: 'my_script',
    description: 'Text in, JSON out: parameters of three kinds, a line in the log, a table as the result.',
    ...{ python: starterPython, js: starterJs },
  },
  parameters: {
    filename: 'all_parameters',
    description:
      'Every kind of parameter: texts, numbers, a switch, a choice, lists, JSON, an address, a file, a secret.',
    ...{ python: parametersPython, js: parametersJs },
  },
  file: {
    filename: 'sort_lines',
    description: 'File in, file out: it reads an upload and leaves a new file to download.',
    ...{ python: filePython, js: fileJs },
  },
  table: {
    filename: 'loan_plan',
    description: 'A list of objects as the result: a table to sort, and to download as CSV.',
    ...{ python: tablePython, js: tableJs },
  },
  progress: {
    filename: 'long_job',
    description: 'A long job: lines of progress in the live log, a result at its end, and a clean stop.',
    ...{ python: progressPython, js: progressJs },
  },
  http: {
    filename: 'ask_api',
    description: 'A call of an HTTP API, with a token from a secret variable, and failures said plainly.',
    ...{ python: httpPython, js: httpJs },
  },
  report: {
    filename: 'report',
    description: 'A report to read: Markdown as the result, and an HTML file beside it.',
    ...{ python: reportPython, js: reportJs },
  },
}

const endings: Record<RuntimeName, string> = { python: '.py', js: '.js' }

const templates: Template[] = topics.flatMap((topic) =>
  runtimeNames.map((runtime) => {
    const { filename, description, [runtime]: content } = shown[topic]
    const name = topic === 'starter' ? runtime : `${topic}-${runtime}`
    return { name, runtime, topic, filename: filename + endings[runtime], description, content }
  }),
)

export const listTemplates = (): Template[] => templates

/** Throws `not_found`. */
export function getTemplate(name: string): Template {
  const template = templates.find((one) => one.name === name)
  if (template) return template
  throw new GatewayError(
    'not_found',
    `There is no template "${name.slice(0, 50)}"; there are ${templates.map((one) => one.name).join(', ')}.`,
  )
}
