/**
 * What the person can do here: one request each, and what became of it. After each change the service is asked
 * anew, by the other tabs too, so that what is shown is what it says.
 */
import { areCookiesBlocked } from '@samesite-sso/browser';
import type { Failure } from '@samesite-sso/ui';
import { ACCOUNT_PATHS } from '../../src/account-page/paths.ts';
import type { Ended, Overview, SessionOverview } from '../../src/account-page/schemas.ts';
import type { AccountEvent } from './account-state.ts';
import { ask, type Reply, type Unsuccessful } from './ask.ts';
import { COOKIES_BLOCKED_FAILURE, failureOf } from './messages.ts';
import { tellOtherTabs } from './tabs.ts';

export function accountActions(tell: (event: AccountEvent) => void) {
  /** A look counts only if nothing newer has begun meanwhile. */
  let looks = 0;

  /** @returns what was seen; null when nobody answered, or something newer is under way */
  async function look(): Promise<Overview | null> {
    looks += 1;
    if (areCookiesBlocked()) {
      tell({ event: 'cookies blocked' });
      return null;
    }
    const thisLook = looks;
    const reply = await ask<Overview>('GET', ACCOUNT_PATHS.overview);
    if (thisLook !== looks) return null;
    if (reply.status !== 'answered') {
      const { words } = failureOf(reply);
      tell({ event: 'saw nothing', words, tryAgain: async () => void (await look()) });
      return null;
    }
    tell({ event: 'looked', overview: reply.answer });
    return reply.answer;
  }

  function forget(): void {
    looks += 1;
    tell({ event: 'forgotten' });
  }

  async function logIn(username: string, password: string): Promise<Failure | null> {
    // No session could start, so don't send the password.
    if (areCookiesBlocked()) return COOKIES_BLOCKED_FAILURE;
    const reply = await change('POST', ACCOUNT_PATHS.login, { username, password });
    if (reply.status !== 'answered') return failureOf(reply);
    tell({ event: 'signed in here' });
    const seen = await look();
    return seen?.status === 'signed out' ? COOKIES_BLOCKED_FAILURE : null;
  }

  async function signOut(): Promise<void> {
    const reply = await change('POST', ACCOUNT_PATHS.logout, {});
    looks += 1;
    if (reply.status === 'answered') tell({ event: 'signed out' });
    else fail(reply, 'Signing out is not finished: you may still be signed in.', signOut);
  }

  const endSession = ({ sid, device }: SessionOverview) =>
    end(
      () => change('DELETE', `${ACCOUNT_PATHS.sessions}/${sid}`),
      () => `Ended: ${device}.`,
    );

  const endOthers = () =>
    end(
      () => change('DELETE', ACCOUNT_PATHS.sessions),
      ({ ended }) => `Ended: ${ended} other session${ended === 1 ? '' : 's'}.`,
    );

  async function end(request: () => Promise<Reply<Ended>>, words: (ended: Ended) => string): Promise<void> {
    const reply = await request();
    if (reply.status === 'answered') tell({ event: 'done', words: words(reply.answer) });
    else if (isRefusal(reply, 'not-found')) tell({ event: 'done', words: 'That session had ended already.' });
    else if (!isRefusal(reply, 'not-signed-in'))
      return fail(reply, 'What you wanted to end may still be going on.', () => end(request, words));
    await look();
  }

  async function changePassword(oldPassword: string, newPassword: string): Promise<Reply<Ended>> {
    const reply = await change<Ended>('POST', ACCOUNT_PATHS.password, { oldPassword, newPassword });
    if (reply.status === 'answered' || isRefusal(reply, 'not-signed-in')) await look();
    return reply;
  }

  function fail(reply: Unsuccessful, whatHolds: string, tryAgain: () => Promise<void>): void {
    tell({ event: 'failed', trouble: { words: failureOf(reply).words, whatHolds, tryAgain } });
  }

  return { look, forget, logIn, signOut, endSession, endOthers, changePassword };
}

async function change<Answer>(...request: Parameters<typeof ask>): Promise<Reply<Answer>> {
  const reply = await ask<Answer>(...request);
  if (reply.status === 'answered') tellOtherTabs();
  return reply;
}

function isRefusal(reply: Reply<unknown>, code: string): boolean {
  return reply.status === 'refused' && reply.problem.code === code;
}
