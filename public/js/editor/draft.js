// What was typed and not saved, kept in this browser over a crash, a reload and a sign-out.

/** Drafts that nobody came back for. */
const keptMs = 30 * 86_400_000
const prefix = 'draft:'

/** `name`: of the script and of who edits it. */
export function createDraft(name) {
  const key = prefix + name
  let timer = null
  let pending = null

  function write() {
    clearTimeout(timer)
    timer = null
    if (!pending) return
    const value = JSON.stringify({ ...pending, at: Date.now() })
    pending = null
    try {
      localStorage.setItem(key, value)
    } catch {
      // No room, or no storage: leaving the page asks all the same.
    }
  }

  return {
    /** { text, etag, at }, or null. */
    read() {
      try {
        return JSON.parse(localStorage.getItem(key))
      } catch {
        return null
      }
    },
    /** A moment later: typing is not kept waiting. */
    keep(text, etag) {
      pending = { text, etag }
      timer ??= setTimeout(write, 400)
    },
    write,
    drop() {
      clearTimeout(timer)
      timer = null
      pending = null
      try {
        localStorage.removeItem(key)
      } catch {
        // It was never kept, then.
      }
    },
  }
}

/** Removes what is too old to be missed. */
export function tidyDrafts() {
  try {
    for (const key of Object.keys(localStorage).filter((one) => one.startsWith(prefix)))
      if (!(JSON.parse(localStorage.getItem(key))?.at > Date.now() - keptMs)) localStorage.removeItem(key)
  } catch {
    // Not ours to read, then.
  }
}
