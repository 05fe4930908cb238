/** What has come since the page was made waits here: nothing moves under the reader. Shown by fresh.js. */
import { Icon } from './parts.tsx'

/** `id`: what the list names. */
export const Arrivals = ({ id }: { id: string }) => (
  <div class="bar arrivals" id={id} hidden>
    <button class="quiet small accent" type="button" data-load-again>
      <Icon name="up" />
      <span />
    </button>
  </div>
)
