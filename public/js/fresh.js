// What a page marks as live is fetched again when it may be another one, and changed where it is; what is new waits behind a button.
import htmx from '../vendor/htmx.js'
import { plural } from './texts.js'

/** `collect`: acts a little later, and once for many. Elements say what they are about: `data-live`, and of which script: `data-of`. */
export function freshHandlers(collect) {
  if (!document.querySelector('[data-live]')) return {}
  const look = collect(refresh)
  const added = new Set()
  const lookAt = (kind, script) => {
    const ours = [...document.querySelectorAll(`[data-live~="${kind}"]`)]
    if (ours.some(({ dataset }) => !dataset.of || !script || Number(dataset.of) === script)) look(kind)
  }
  return {
    missed: () => look('missed'),
    runs: ({ script_id }) => document.querySelector(`[data-live~="schedules"][data-of="${script_id}"]`) && look('runs'),
    deliveries: () => lookAt('deliveries'),
    schedules({ id, script_id, what }) {
      const row = document.getElementById(`schedule-${id}`)
      const list = document.getElementById('schedule-rows')
      const isOurs = list && (!list.dataset.of || Number(list.dataset.of) === script_id)
      if (what === 'removed' && row && !row.matches('.gone')) return leave(row)
      if (what === 'added' && !row && isOurs) show('schedules-arrived', added.add(id).size)
      lookAt('schedules', script_id)
    },
  }
}

/** Somebody else deleted it: nothing moves, and nothing can be done to it. */
function leave(row) {
  row.classList.add('gone')
  row.inert = true
}

async function refresh() {
  const answer = await fetch(address(), { headers: { accept: 'text/html' } }).catch(() => null)
  if (!answer?.ok || answer.redirected) return
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const typed = document.querySelector('[data-schedule-form]')?.dataset.touched
  const changed = [...document.querySelectorAll('[data-live]')].flatMap((old) => {
    const now = page.getElementById(old.id)
    const isKept = !now || (typed && old.dataset.live === 'preview') || old.querySelector('[aria-busy]')
    return isKept || now.outerHTML === old.outerHTML ? [] : [part(now)]
  })
  if (changed.length > 0) await swapIn(changed.join(''))
  for (const list of document.querySelectorAll('[data-live-list]')) {
    const isNew = ({ id }) => id && !document.getElementById(id)
    show(list.dataset.liveList, [...(page.getElementById(list.id)?.children ?? [])].filter(isNew).length)
  }
}

/** Of this page; rows that would be on another one by now come, too. */
function address() {
  const url = new URL(location.href)
  for (const name of ['done', 'of']) url.searchParams.delete(name)
  const list = document.querySelector('[data-live-ids]')
  if (list) url.searchParams.set('ids', [...list.children].map(({ id }) => /\d+$/.exec(id)?.[0] ?? '').join(','))
  return url
}

const part = (element) =>
  `<template hx type="partial" hx-target="#${element.id}" hx-swap="outerMorph">${element.outerHTML}</template>`

/** Fragments for elements that are here. */
export const swapIn = (text) => htmx.swap({ text, target: document.body, swap: 'none', sourceElement: document.body })

function show(id, number) {
  const bar = document.getElementById(id)
  if (!bar || number === 0) return
  bar.querySelector('span').textContent = plural(number, '1 new entry', '{n} new entries')
  bar.hidden = false
}
