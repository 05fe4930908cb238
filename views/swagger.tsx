/** The page around Swagger UI. Its style is its own: ours would lie over it. */
import { asset } from './assets.ts'
import { attr } from './attr.ts'
import { currentLanguage, gap, markup, type Text, t } from './texts.ts'

export interface SwaggerProps {
  title: string
  documentUrl: string
  /** The other of the two documents. */
  other: { href: string; text: Text }
  /** Whether nobody is asked who they are. */
  isOpenToAll: boolean
  /** Of one script: all of it is unfolded. */
  isOne?: boolean
}

export const swaggerPage = ({ title, documentUrl, other, isOpenToAll, isOne = false }: SwaggerProps) => (
  <>
    {'<!doctype html>'}
    <html lang={currentLanguage()}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title safe>{`${title} · ScriptGateway`}</title>
        <link rel="icon" href={asset('favicon.svg')} type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/swagger/swagger-ui.css" />
        <link rel="stylesheet" href={asset('css/swagger.css')} />
        <script src={asset('js/theme.js')} />
        <script src="/assets/swagger/swagger-ui.js" defer />
        <script src={asset('js/swagger.js')} defer />
      </head>
      <body>
        <nav class="swagger-nav" aria-label={t('Main')}>
          <a href="/">{'← ScriptGateway' as 'safe'}</a>
          <a href={other.href}>{t(other.text)}</a>
          <a href={attr(documentUrl)}>{t('OpenAPI document')}</a>
        </nav>
        {isOpenToAll ? (
          <p class="swagger-open">
            <strong>{t('Access control is off.')}</strong>
            {gap()}
            {markup(
              'Everybody who reaches this address can run code. Start the gateway without {setting} to turn it on.',
              {
                setting: <code>AUTH=off</code>,
              },
            )}
          </p>
        ) : (
          ''
        )}
        <main id="swagger" data-document={attr(documentUrl)} data-expand={isOne ? 'full' : undefined}>
          <noscript>
            {markup('The reference needs JavaScript; the {document} does not.', {
              document: <a href={attr(documentUrl)}>{t('OpenAPI document')}</a>,
            })}
          </noscript>
        </main>
      </body>
    </html>
  </>
)
