/** The page of an app that signs people in with `oidc-client-ts` in a silent iframe. */
import { UserManager, WebStorageStateStore } from 'oidc-client-ts';

const manager = new UserManager({
  authority: document.querySelector('script')?.dataset['issuer'] ?? '',
  client_id: 'spa',
  redirect_uri: `${location.origin}/silent`,
  scope: 'openid profile',
  userStore: new WebStorageStateStore({ store: localStorage }),
});

if (location.pathname === '/silent') await manager.signinSilentCallback();
else {
  const user = (await manager.getUser()) ?? (await manager.signinSilent());
  const button = document.createElement('button');
  button.textContent = 'Sign out';
  document.body.append(user?.profile.sub ?? '', button);
}
