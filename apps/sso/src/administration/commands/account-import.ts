/**
 * `account import`: adds accounts with the password hashes of another system. `imported-hash.ts` decides
 * which hashes are accepted.
 */
import { validateImportedHash } from '../../accounts/hashing/imported-hash.ts';
import { usernameKey } from '../../accounts/username.ts';
import type { NewAccount, Stores } from '../../storage/stores.ts';
import { type AddCommands, CommandError, operatorContext } from '../command.ts';
import { toNewAccount } from '../new-account.ts';
import { DISPLAY_NAME, readPeople, USERNAME } from '../read-people.ts';
import { formatCount } from '../table.ts';

const MEMBERS = {
  required: {
    username: USERNAME,
    displayName: DISPLAY_NAME,
    passwordHash: ['the password hash', validateImportedHash],
  },
  optional: {},
} as const;

const DUPLICATE = 'an account with this username already exists';

const HELP = `
Each line of the file is a JSON object:
  {"username": "ada", "displayName": "Ada Lovelace", "passwordHash": "$2b$12$…", "groups": ["staff"]}
The member "groups" may be left out.
Hashes may be Argon2id ($argon2id$v=19$m=…,t=…,p=…$salt$hash) or bcrypt ($2a$, $2b$, $2y$), up to a cost
that doesn't keep the service busy. The next login replaces them with today's Argon2id.
If any line has an error, all errors are listed and nothing is imported.`;

export const addAccountImportCommand: AddCommands = (group, { withStoresOrNew, report }) => {
  group
    .command('import')
    .description('add accounts with the password hashes of another system')
    .argument('<file>', 'a JSON Lines file, or - for standard input')
    .addHelpText('after', HELP)
    .action((file) =>
      withStoresOrNew(async (stores) => {
        const { accounts, lines, errors } = await readAccounts(file, stores);
        if (errors.length > 0) throw new CommandError(...errors);
        const taken = await stores.accounts.add(accounts, operatorContext());
        if (taken.length > 0) {
          throw new CommandError(...taken.map((index) => `line ${lines[index]}: ${DUPLICATE}`));
        }
        await report(`Added ${formatCount(accounts.length, 'account')}.\n`, { added: accounts.length });
      }),
    );
};

async function readAccounts(file: string, stores: Stores) {
  const accounts: NewAccount[] = [];
  /** The line of each account, and of each username. */
  const lines: number[] = [];
  const lineOf = new Map<string, number>();
  const errors: string[] = [];
  const note = (line: number, error: string) => errors.push(`line ${line}: ${error}`);
  for await (const { line, person } of readPeople(file, MEMBERS, note)) {
    const { username, displayName, passwordHash, groups = [] } = person;
    const key = usernameKey(username);
    const earlierLine = lineOf.get(key);
    if ((await stores.accounts.find(key)) !== null) note(line, DUPLICATE);
    else if (earlierLine !== undefined) note(line, `same username as line ${earlierLine}`);
    lineOf.set(key, earlierLine ?? line);
    lines.push(line);
    accounts.push({ ...toNewAccount(username, displayName, passwordHash), isImported: true, groups });
  }
  return { accounts, lines, errors };
}
