import { type ProblemCode, problem } from '@samesite-sso/protocol';
import { describe, expect, it, vi } from 'vitest';
import type { Reply } from '../send-account-request.ts';
import { type ChangeDependencies, createAuthenticatorActions } from './authenticator-actions.ts';

const UNANSWERED: Reply<never> = { status: 'unanswered' };
const refused = (code: ProblemCode): Reply<never> => ({ status: 'refused', problem: problem(code) });

function actionsWith(reply: Reply<unknown>) {
  const sent = vi.fn();
  const calls = { reload: vi.fn(async () => null), fail: vi.fn<ChangeDependencies['fail']>(async () => {}) };
  const sendChange: ChangeDependencies['sendChange'] = async <Body>(...request: unknown[]) => {
    sent(...request);
    return reply as Reply<Body>;
  };
  return { ...createAuthenticatorActions({ sendChange, ...calls }), ...calls, sent };
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

  it('says that the key may have expired, instead of that the page is out of date', async () => {
    const failure = await actionsWith(refused('not-found')).confirmAuthenticator('1');
    expect(failure).toMatchObject({
      message: 'This key has expired, or the app has already been added. Cancel to see which.',
    });
  });

  it('says that the app may have been added if no response came', async () => {
    const failure = await actionsWith(UNANSWERED).confirmAuthenticator('1');
    expect(failure).toMatchObject({
      message: expect.stringMatching(/may already have been added\. If so, make new recovery codes\.$/),
    });
  });
});

describe('a change of the authenticator app or the recovery codes', () => {
  it.each([
    ['prepareAuthenticator', 'Nothing has changed.'],
    ['replaceRecoveryCodes', 'Your earlier codes may no longer work.'],
  ] as const)(
    'that is refused says so, and isn’t sent again by “Try again” (%s)',
    async (name, consequence) => {
      const { fail, reload, sent, ...actions } = actionsWith(refused('unavailable'));
      expect(await actions[name]()).toBeNull();
      expect(fail).toHaveBeenCalledWith(refused('unavailable'), consequence, expect.any(Function));
      expect(reload).not.toHaveBeenCalled();
      await fail.mock.lastCall?.[2]();
      expect(reload).toHaveBeenCalledOnce();
      expect(sent).toHaveBeenCalledOnce();
    },
  );

  it('counts as done if somebody else has already removed the app', async () => {
    expect(await actionsWith(refused('not-found')).removeAuthenticator()).toBe(true);
    expect(await actionsWith(UNANSWERED).removeAuthenticator()).toBe(false);
  });
});
