/** The addresses of the code editor: its saves, and its files. */
import { Elysia } from 'elysia'
import { ScriptPage } from '../../views/script.tsx'
import { GatewayError } from '../errors.ts'
import { acts, asPage, forScript, openBeforeSetup } from '../http/caller.ts'
import { type CodeAnswer, codeHeaders, compareCode, readCodeForm, saveCode } from './code.tsx'
import type { PageDeps } from './deps.ts'
import { createEditorAssets } from './editor-assets.ts'
import { handling } from './handling.ts'
import { html } from './html.tsx'
import { findScript, pageProps } from './script.tsx'

/** An Elysia instance. `depsFor`: as whoever makes the request may see them. */
export function codePages(depsFor: (request: Request) => PageDeps) {
  const { post, now, raw } = handling(depsFor)
  const serveAsset = createEditorAssets()

  /** What a posted form is about, and the page that it is answered with. */
  function answerFor(deps: PageDeps, id: string): CodeAnswer {
    const { script, params } = findScript(deps, id)
    return {
      ...{ script, now: now(deps) },
      async showPage(code, status) {
        const props = await pageProps(deps, script, params, now(deps))
        return html(<ScriptPage {...props} tab="code" call="curl" code={code} />, { status, headers: codeHeaders })
      },
    }
  }

  return new Elysia({ name: 'code-pages' })
    .post(
      '/scripts/:id/code',
      post(async (context, deps) => {
        const form = await readCodeForm(context.request)
        return saveCode(deps, form, answerFor(deps, context.params.id!))
      }),
      { ...asPage(forScript('edit')), ...acts('script.edit'), ...raw },
    )
    .post(
      '/scripts/:id/code/difference',
      post(async (context, deps) => {
        const form = await readCodeForm(context.request)
        return compareCode(deps, form, answerFor(deps, context.params.id!))
      }),
      { ...asPage(forScript('edit')), ...raw },
    )
    .get(
      '/assets/editor/:version/:name',
      async ({ params, request }) => {
        const found = await serveAsset(params.version, params.name, request.headers.get('accept-encoding') ?? '')
        if (!found) throw new GatewayError('not_found', 'There is no such file.')
        return found
      },
      { ...openBeforeSetup, detail: { hide: true } },
    )
}
