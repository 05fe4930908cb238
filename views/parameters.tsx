/** What a script takes, as a table. */
import type { Param, Script } from '../src/scripts/model.ts'
import { Icon } from './parts.tsx'

const sources: Record<NonNullable<Script['schema_source']>, string> = {
  script: 'Read from the script',
  sidecar: 'From the sidecar beside the script',
}

interface ParametersProps {
  params: Param[]
  source: Script['schema_source']
  state: Script['state']
}

export const ParametersTable = ({ params, source, state }: ParametersProps) => (
  <div class="table-wrap">
    {params.length === 0 ? (
      <div class="empty">
        <Icon name="sliders" />
        <h2>No parameters</h2>
        <p>
          {state === 'error'
            ? 'None are known until its schema can be read.'
            : 'This script takes none: it runs as it is.'}
        </p>
      </div>
    ) : (
      <section class="scroll" tabindex="0" aria-label="Parameters, scrolls sideways">
        <table>
          <caption class="sr">Parameters</caption>
          <thead>
            <tr>
              <th>Name</th>
              <th>Flag</th>
              <th>Type</th>
              <th>Required</th>
              <th>Default</th>
              <th>Accepts</th>
              <th>Help</th>
            </tr>
          </thead>
          <tbody>
            {params.map((param) => (
              <Row param={param} />
            ))}
          </tbody>
        </table>
      </section>
    )}
    {source ? (
      <div class="pager">
        <span>{sources[source] as 'safe'}</span>
      </div>
    ) : (
      ''
    )}
  </div>
)

const Row = ({ param }: { param: Param }) => (
  <tr>
    <td class="mono" safe>
      {param.name}
    </td>
    <td class="mono muted" safe>
      {param.flag}
    </td>
    <td>
      <span class="chip" safe>
        {param.declaredType}
      </span>
    </td>
    <td>{param.required ? 'Yes' : <span class="muted">No</span>}</td>
    <td class="mono" safe>
      {param.default === undefined ? '–' : param.secret ? '••••' : JSON.stringify(param.default)}
    </td>
    <td class="muted" safe>
      {accepts(param)}
    </td>
    <td class="muted" safe>
      {param.help}
    </td>
  </tr>
)

const choicesShown = 8

/** The bounds in words. */
function accepts({ min, max, choices, multiple, pattern, secret, storeTrue, isUnknownType }: Param): string {
  const range =
    min !== null && max !== null
      ? `${min} to ${max}`
      : min !== null
        ? `at least ${min}`
        : max !== null
          ? `at most ${max}`
          : ''
  const list = choices ? `${choices.slice(0, choicesShown).join(', ')}${choices.length > choicesShown ? ' …' : ''}` : ''
  const words = [
    range,
    list,
    pattern && `matching ${pattern}`,
    multiple && 'many',
    secret && 'secret',
    storeTrue && 'flag alone',
  ]
  return [...words, isUnknownType && 'type unknown, taken as text'].filter(Boolean).join(', ')
}
