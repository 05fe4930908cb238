/** Who may come in, how, and what a proxy may say. */
import { isUrl, option, startOnly } from './option.ts'

const address = {
  pattern: /^[0-9a-f.:]+(\/\d{1,3})?$/i,
  words: 'IP addresses or networks such as 10.0.0.5 or 10.0.0.0/8',
}
const groupRole = { pattern: /^.+=(viewer|operator|editor|admin)$/, words: 'pairs such as staff=operator' }
const origin = { pattern: /^https?:\/\/[^/]+$/, words: 'origins such as https://tools.example.com' }
const hostName = { pattern: /^[a-z0-9.:[\]-]+$/i, words: 'host names without a port' }

export const accessOptions = {
  auth: option('str', 'AUTH', 'on', 'Whether callers must be known; off opens everything, on loopback only.', {
    ...{ startOnly, choices: ['on', 'off'] },
  }),
  allowed_hosts: option(
    'list',
    'ALLOWED_HOSTS',
    [],
    'Names under which the gateway is called, beside its addresses, its own host name and that of BASE_URL.',
    { item: hostName },
  ),
  trusted_proxies: option(
    'list',
    'TRUSTED_PROXIES',
    [],
    'Addresses of proxies whose X-Forwarded-For, -Proto and -Host are believed.',
    { startOnly, item: address },
  ),
  cors_origins: option(
    'list',
    'CORS_ORIGINS',
    [],
    'Origins whose pages may call the API with a token of their own; sessions stay out.',
    { item: origin },
  ),
  session_days: option('float', 'SESSION_DAYS', 30, 'Days after which everybody has to sign in again.', {
    ...{ min: 0.01, max: 366 },
  }),
  session_idle_hours: option(
    'float',
    'SESSION_IDLE_HOURS',
    168,
    'Hours without a request after which a session has ended.',
    { min: 0.01, max: 8784 },
  ),
  rate_limit_per_token: option(
    'int',
    'RATE_LIMIT_PER_TOKEN',
    0,
    'Requests a minute with one API token that has no limit of its own; more are refused with 429. 0: no limit.',
    { min: 0, max: 1_000_000 },
  ),
  rate_limit_per_script: option(
    'int',
    'RATE_LIMIT_PER_SCRIPT',
    0,
    'Starts a minute of one script, whose policy may say less; more are refused with 429. 0: no limit.',
    { min: 0, max: 1_000_000 },
  ),
  auth_header: option(
    'str',
    'AUTH_HEADER',
    '',
    'Header in which a trusted proxy names the user that it has signed in; empty: none is believed.',
    { startOnly },
  ),
  auth_header_role: option(
    'str',
    'AUTH_HEADER_ROLE',
    'viewer',
    'Role of users that a proxy names for the first time; none: only what they are granted, refuse: nobody new.',
    { startOnly, choices: ['refuse', 'none', 'viewer', 'operator', 'editor', 'admin'] },
  ),
  oidc_issuer: option('str', 'OIDC_ISSUER', '', 'OpenID provider through which users may sign in; empty: none.', {
    ...{ startOnly, isUrl },
  }),
  oidc_client_id: option('str', 'OIDC_CLIENT_ID', '', 'What the OpenID provider calls this gateway.', { startOnly }),
  oidc_name: option('str', 'OIDC_NAME', '', 'What the button to the OpenID provider says; empty: its host name.', {
    startOnly,
  }),
  oidc_scopes: option('list', 'OIDC_SCOPES', ['openid', 'profile', 'email'], 'What the OpenID provider is asked for.', {
    startOnly,
  }),
  oidc_role: option(
    'str',
    'OIDC_ROLE',
    'refuse',
    'Role of users that the OpenID provider names for the first time; none: only what they are granted, refuse: nobody new.',
    { startOnly, choices: ['refuse', 'none', 'viewer', 'operator', 'editor', 'admin'] },
  ),
  oidc_groups_claim: option('str', 'OIDC_GROUPS_CLAIM', 'groups', 'Claim that lists the groups of a user.', {
    startOnly,
  }),
  oidc_group_roles: option(
    'list',
    'OIDC_GROUP_ROLES',
    [],
    'Role of each group at the OpenID provider, as group=role: the highest counts, and is set at each sign-in.',
    { startOnly, item: groupRole },
  ),
  audit_days: option('float', 'AUDIT_DAYS', 730, 'Days that the audit log is kept; 0: for ever.', {
    ...{ min: 0, max: 36_500 },
  }),
}
