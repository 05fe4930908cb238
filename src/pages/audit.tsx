/** The audit log as a page: which entries it shows, and a check of all of them. */
import { AuditPage, type AuditProps, type AuditQuery } from '../../views/audit.tsx'
import { auditFilter } from '../audit/routes.ts'
import { GatewayError } from '../errors.ts'
import { callerOf } from '../http/caller.ts'
import type { AccessPageDeps } from './access-deps.ts'
import { html } from './html.tsx'

const pageSize = 50
const names = ['from', 'to', 'user', 'action', 'object_type', 'object_id', 'q'] as const

export const showAudit = (deps: AccessPageDeps, request: Request, search: URLSearchParams, now: number) =>
  html(auditPage(deps, request, search, null, now))

/** The check reads the whole log: its answer is the page itself. */
export const verifyAudit = async (deps: AccessPageDeps, request: Request, now: number) =>
  html(auditPage(deps, request, new URLSearchParams(), await deps.audit.verify(), now))

function auditPage(
  { audit }: AccessPageDeps,
  request: Request,
  search: URLSearchParams,
  verdict: AuditProps['verdict'],
  now: number,
): JSX.Element {
  const query = Object.fromEntries(
    names.map((name) => [name, (search.get(name) ?? '').trim().slice(0, 200)]),
  ) as unknown as AuditQuery
  const page = Math.min(Math.max(1, Math.trunc(Number(search.get('page') ?? 1)) || 1), 1_000_000)
  const { items, total } = audit.list(filterOf(query), { limit: pageSize, offset: (page - 1) * pageSize })
  return <AuditPage {...{ entries: items, total, query, page, pageSize, verdict, now }} viewer={callerOf(request)} />
}

/** Days are whole ones, in UTC. Throws `validation` for what is no day. */
function filterOf({ from, to, ...rest }: AuditQuery) {
  for (const day of [from, to])
    if (day !== '' && !/^\d{4}-\d{2}-\d{2}$/.test(day))
      throw new GatewayError('validation', `"${day}" is no day: write it like 2026-11-21.`)
  const asked = { ...rest, from: from && `${from}T00:00:00.000Z`, to: to && `${to}T23:59:59.999Z` }
  return auditFilter(Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== '')))
}
