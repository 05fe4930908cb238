/** /api/variables, and the same of one script. */
import { Elysia, t } from 'elysia'
import type { Receive } from '../files/receive.ts'
import { acts, forRole, forScript } from '../http/caller.ts'
import { globalScope, type Scope } from './model.ts'
import { notedVariables } from './noted.ts'
import { changeBody, listAnswers, listOfScriptAnswers, removeAnswers, setAnswers } from './schemas.ts'
import type { Variables } from './variables.ts'

interface VariableRoutesDeps {
  variables: Variables
  receive: Receive
  /** Throws `not_found`. */
  scriptId(idOrSlug: string): number
}

export function variableRoutes({ variables, receive, scriptId }: VariableRoutesDeps) {
  /** Within the limit of a body; the second one is for the document, and finds the body read. */
  const parse = [({ request }: { request: Request }) => receive.json(request), 'json' as const]

  const list = (scope: Scope) => {
    const items = variables.list(scope)
    return { items, total: items.length, page: 1, page_size: items.length }
  }
  const put = (scope: Scope, name: string, { body, request, set }: Change) => {
    const { variable, isNew } = notedVariables(variables, request).set(scope, name, body)
    set.status = isNew ? 201 : 200
    return variable
  }
  const remove = (scope: Scope, name: string, request: Request) => {
    notedVariables(variables, request).remove(scope, name)
    return new Response(null, { status: 204 })
  }

  return new Elysia({ tags: ['Variables'] })
    .get('/api/variables', () => list(globalScope), {
      ...forRole('admin'),
      detail: { summary: "Everybody's variables; a secret without its value", responses: listAnswers },
    })
    .put('/api/variables/:name', ({ params, ...change }) => put(globalScope, params.name, change), {
      ...{ params: nameParam, body: changeBody, parse },
      ...forRole('admin'),
      ...acts('variable.set'),
      detail: { summary: "Set one of everybody's variables", description: about, responses: setAnswers },
    })
    .delete('/api/variables/:name', ({ params, request }) => remove(globalScope, params.name, request), {
      ...{ params: nameParam, parse: 'none' },
      ...forRole('admin'),
      ...acts('variable.remove'),
      detail: { summary: "Delete one of everybody's variables", responses: removeAnswers },
    })
    .get('/api/scripts/:id/variables', ({ params }) => list(scriptId(params.id)), {
      params: t.Object({ id: idParam }),
      ...forScript('edit'),
      detail: { summary: "A script's own variables; a secret without its value", responses: listOfScriptAnswers },
    })
    .put('/api/scripts/:id/variables/:name', ({ params, ...change }) => put(scriptId(params.id), params.name, change), {
      ...{ params: bothParams, body: changeBody, parse },
      ...forScript('edit'),
      ...acts('variable.set'),
      detail: { summary: "Set one of a script's own variables", description: about, responses: setAnswers },
    })
    .delete(
      '/api/scripts/:id/variables/:name',
      ({ params, request }) => remove(scriptId(params.id), params.name, request),
      {
        ...{ params: bothParams, parse: 'none' },
        ...forScript('edit'),
        ...acts('variable.remove'),
        detail: { summary: "Delete one of a script's own variables", responses: removeAnswers },
      },
    )
}

interface Change {
  body: typeof changeBody.static
  request: Request
  set: { status?: number | string }
}

const about =
  'A secret is stored encrypted, never shown again, and masked in logs and results. It becomes plain with a new value only.'

const idParam = t.String({ description: 'Number or slug of the script' })
const nameOfVariable = t.String({ description: 'Name of the variable' })
const nameParam = t.Object({ name: nameOfVariable })
const bothParams = t.Object({ id: idParam, name: nameOfVariable })
