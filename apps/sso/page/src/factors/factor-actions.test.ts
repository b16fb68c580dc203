import { type ProblemCode, problem } from '@samesite-sso/protocol';
import { describe, expect, it, vi } from 'vitest';
import type { Reply } from '../send-account-request.ts';
import { createFactorActions } from './factor-actions.ts';

const UNANSWERED: Reply<never> = { status: 'unanswered' };
const refused = (code: ProblemCode): Reply<never> => ({ status: 'refused', problem: problem(code) });

function actionsWith(reply: Reply<unknown>) {
  const calls = { reload: vi.fn(async () => null), fail: vi.fn(async (..._failure: unknown[]) => {}) };
  const sendChange = async <Body>() => reply as Reply<Body>;
  return { ...createFactorActions({ sendChange, ...calls }), ...calls };
}

describe('confirming an authenticator app', () => {
  it('returns the recovery codes, and loads the overview again', async () => {
    const { confirmAuthenticator, reload } = actionsWith({ status: 'ok', body: { recoveryCodes: ['a'] } });
    expect(await confirmAuthenticator('123456')).toEqual({ recoveryCodes: ['a'] });
    expect(reload).toHaveBeenCalledOnce();
  });

  it('says beside the field that a code is wrong', async () => {
    expect(await actionsWith(refused('invalid-code')).confirmAuthenticator('1')).toMatchObject({
      code: 'wrong',
    });
  });

  it('says that the key has expired, instead of that the page is out of date', async () => {
    const failure = await actionsWith(refused('not-found')).confirmAuthenticator('1');
    expect(failure).toMatchObject({ message: 'This key has expired. Cancel, and start again.' });
  });

  it('says that the app may have been added if no response came', async () => {
    const failure = await actionsWith(UNANSWERED).confirmAuthenticator('1');
    expect(failure).toMatchObject({
      message: expect.stringMatching(/may already have been added\. If so, make new recovery codes\.$/),
    });
  });
});

describe('a change of the authenticator app or the recovery codes', () => {
  it('that is refused says so, and says what the consequence is', async () => {
    const { prepareAuthenticator, fail } = actionsWith(refused('unavailable'));
    expect(await prepareAuthenticator()).toBeNull();
    const [shown] = fail.mock.calls;
    expect(shown?.slice(0, 2)).toEqual([refused('unavailable'), 'Nothing has changed.']);
  });

  it('counts as done if somebody else has already removed the app', async () => {
    expect(await actionsWith(refused('not-found')).removeAuthenticator()).toBe(true);
    expect(await actionsWith(UNANSWERED).removeAuthenticator()).toBe(false);
  });
});
