/** The page for an address that leads nowhere, and for a request that was refused. */
import { Page } from './layout.tsx'
import { Icon } from './parts.tsx'

export const ErrorPage = ({ status, title, message }: { status: number; title: string; message: string }) => (
  <Page title={title} current={null}>
    <div class="panel">
      <div class="empty">
        <Icon name={status === 404 ? 'search' : 'warn'} />
        <h1 safe>{title}</h1>
        <p safe>{message}</p>
        <div class="row">
          <a class="button primary" href="/">
            All scripts
          </a>
          <a class="button" href="/executions">
            Executions
          </a>
        </div>
      </div>
    </div>
  </Page>
)
