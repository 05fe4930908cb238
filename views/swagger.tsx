/** The page around Swagger UI. Its style is its own: ours would lie over it. */
import { asset } from './assets.ts'

export interface SwaggerProps {
  title: string
  documentUrl: string
  /** The other of the two documents. */
  other: { href: string; text: string }
  /** Whether nobody is asked who they are. */
  isOpenToAll: boolean
}

export const swaggerPage = ({ title, documentUrl, other, isOpenToAll }: SwaggerProps) => (
  <>
    {'<!doctype html>'}
    <html lang="en">
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
        <nav class="swagger-nav" aria-label="Main">
          <a href="/">← ScriptGateway</a>
          <a href={other.href} safe>
            {other.text}
          </a>
          <a href={documentUrl}>OpenAPI document</a>
        </nav>
        {isOpenToAll ? (
          <p class="swagger-open">
            <strong>Access control is off:</strong> everybody who reaches this address can run code. Start the gateway
            without <code>AUTH=off</code> to turn it on.
          </p>
        ) : (
          ''
        )}
        <main id="swagger" data-document={documentUrl}>
          <noscript>
            The reference needs JavaScript; the <a href={documentUrl}>OpenAPI document</a> does not.
          </noscript>
        </main>
      </body>
    </html>
  </>
)
