/** A long history, written straight into a gateway's database while no gateway has it open. */
import type { Database } from 'bun:sqlite'

/**
 * `runs` runs of the scripts there are, the newest a minute ago, over ninety days: nine in ten succeed, a tenth is written by
 * schedules. Answers the numbers of the newest and the oldest.
 */
export function seedHistory(database: Database, { runs }: { runs: number }): { newest: number; oldest: number } {
  database.run(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1),
      s AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM scripts),
      drawn AS (SELECT i, abs(random()) AS r, abs(random()) AS q FROM n)
    INSERT INTO runs (script_id, status, trigger, params, content_hash, queued_at, started_at, finished_at, duration_ms,
      exit_code, reason, error_type, result, stderr_tail, log_lines, log_bytes, started_by, host)
    SELECT s.id,
      CASE WHEN r % 100 < 90 THEN 'success' WHEN r % 100 < 96 THEN 'failed' WHEN r % 100 < 98 THEN 'timeout' ELSE 'killed' END,
      CASE WHEN q % 10 = 0 THEN 'schedule' WHEN q % 10 < 4 THEN 'form' ELSE 'api' END,
      json_object('width', r % 4000, 'title', 'picture ' || i), '', ?2 - (?1 - i) * ?3, ?2 - (?1 - i) * ?3 + 3,
      ?2 - (?1 - i) * ?3 + 3 + q % 5000, q % 5000, CASE WHEN r % 100 < 90 THEN 0 ELSE 1 END,
      CASE WHEN r % 100 < 90 THEN NULL ELSE 'The script ended with exit code 1 after 1.2 s' END,
      CASE WHEN r % 100 < 90 THEN NULL ELSE 'script' END,
      json_object('type', 'json', 'data', json_object('width', r % 4000, 'files', json_array('a.png', 'b.png'))),
      CASE WHEN r % 100 < 90 THEN '' ELSE 'Traceback (most recent call last):' || char(10) || 'ValueError: no such disk ' || i END,
      12, 600, '127.0.0.1', 'bench'
    FROM drawn JOIN s ON s.place = drawn.r % (SELECT count(*) FROM scripts)`,
    [runs, Date.now() - 60_000, Math.floor((90 * 86_400_000) / runs)],
  )
  const { newest, oldest } = database.query('SELECT max(id) AS newest, min(id) AS oldest FROM runs').get() as {
    newest: number
    oldest: number
  }
  return { newest, oldest }
}
