import { expect, it, vi } from 'vitest';
import { createPasskeyActions } from './passkey-actions.ts';

it('a new passkey whose storage got no response may exist, so the form offers no second try', async () => {
  vi.stubGlobal('PublicKeyCredential', { parseCreationOptionsFromJSON: () => ({}) });
  const created = { toJSON: () => ({ response: {} }) };
  vi.stubGlobal('navigator', { credentials: { create: async () => created } });
  const sendChange = vi
    .fn()
    .mockResolvedValueOnce({ status: 'ok', body: { publicKey: {} } })
    .mockResolvedValueOnce({ status: 'unanswered' });
  const { addPasskey } = createPasskeyActions({ sendChange, reload: vi.fn(), fail: vi.fn() });
  expect(await addPasskey('My laptop')).toMatchObject({
    message: expect.stringMatching(/The passkey may already have been added\. Reload the page/),
    isUnanswered: false,
  });
});
