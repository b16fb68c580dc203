/** Invisible characters that usernames could contain up to schema version 6: not in \p{C} or \p{Z}. */
const FORMERLY_ALLOWED = '\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\ufe00-\ufe0f\u{e0100}-\u{e01ef}';

/**
 * The migration since which usernames are compared without invisible characters. Earlier versions accepted
 * those listed above; the new key omits them (a Braille blank only at the ends). SQLite can't apply NFKC
 * afterwards. If that would compose a letter and its accent, or if the key is taken, an operator renames the
 * account by its id.
 */
export const VISIBLE_USERNAME_KEYS = `
UPDATE OR IGNORE account
SET username_key = trim((
  WITH RECURSIVE place (i) AS (
    SELECT 1 UNION ALL SELECT i + 1 FROM place WHERE i < length(account.username_key)
  )
  SELECT coalesce(group_concat(substr(account.username_key, i, 1), '' ORDER BY i), '') FROM place
  WHERE substr(account.username_key, i, 1) NOT GLOB '[${FORMERLY_ALLOWED}]'
), '\u2800')
WHERE username_key GLOB '*[${FORMERLY_ALLOWED}\u2800]*';
`;
