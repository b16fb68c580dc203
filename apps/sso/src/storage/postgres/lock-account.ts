/** Every change of how an account signs in, and every start of a session, takes this lock first. */
export const lockAccount = 'SELECT FROM account WHERE id = $1 FOR NO KEY UPDATE';
