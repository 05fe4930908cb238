/** Run again: the values of an earlier run, with what is sent in place of some of them. */
import { Elysia, t } from 'elysia'
import { GatewayError, type Problem } from '../errors.ts'
import { fieldsOfJson } from '../files/fields.ts'
import type { Receive } from '../files/receive.ts'
import { actsItself, forRun } from '../http/caller.ts'
import type { Run } from '../runs/model.ts'
import { notKept } from '../runs/not-kept.ts'
import type { Param } from '../scripts/model.ts'
import type { Gateway } from './gateway.ts'

/**
 * The body of a request that repeats the run. Secrets and uploads were not kept: each that the run was given has to be
 * sent anew. Throws `validation` that names them.
 */
export function valuesAgain(run: Run, params: Param[], sent: Record<string, unknown>): Record<string, unknown> {
  const problems: Problem[] = notKept(run, params)
    .filter(({ name }) => !Object.hasOwn(sent, name))
    .map(({ name, type }) => ({
      path: `/${name}`,
      message: `is a ${type === 'file' ? 'file' : 'secret'} and was not kept: send it again, or null to leave it out`,
    }))
  if (problems.length > 0) {
    const names = problems.map(({ path, message }) => `${path.slice(1)} ${message}`)
    throw new GatewayError('validation', `Run ${run.id} cannot be repeated as it was: ${names.join('; ')}.`, {
      details: problems,
    })
  }
  return { ...run.params, ...sent }
}

interface RerunDeps {
  gateway: Gateway
  receive: Receive
}

const accepted = t.Object(
  {
    status: t.String(),
    script_id: t.Integer(),
    run_id: t.Integer(),
    url: t.String(),
    events_url: t.String(),
  },
  { title: 'RunAccepted' },
)

export const rerunRoutes = ({ gateway, receive }: RerunDeps) =>
  new Elysia({ tags: ['Runs'] }).post(
    '/api/runs/:id/rerun',
    async ({ params, request }) => {
      const sent = await receive.bytes(request)
      const body = sent.length === 0 ? {} : fieldsOfJson(sent, 'The body', '')
      return gateway.rerun(params.id, body, request)
    },
    {
      params: t.Object({ id: t.Integer({ minimum: 1, description: 'Number of the run' }) }),
      parse: 'none',
      ...forRun('run'),
      ...actsItself,
      detail: {
        summary: 'Run again, with the same parameters',
        description:
          'Starts a new run with the values of this one and answers at once. The body may hold parameters that take the place of earlier ones, as a JSON object; secrets and files were not kept and have to be sent, or left out with null.',
        requestBody: { required: false, content: { 'application/json': { schema: { type: 'object' } } } },
        responses: {
          202: {
            description: 'Accepted; `Location` names the new run',
            content: { 'application/json': { schema: accepted as object } },
          },
        },
      },
    },
  )
