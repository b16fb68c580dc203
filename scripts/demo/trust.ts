/** Explains how to make a browser trust the demo's certificate authority, and how to undo it. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { otherSiteName } from '../site/lab.ts';
import { siteName } from '../site/site-settings.ts';

export function howToTrust(authorityFile: string): string {
  const name = new X509Certificate(readFileSync(authorityFile)).subject.replace('CN=', '');
  return `
Your browser must trust the demo's certificate authority, which was created for this machine only:

  ${authorityFile}

It is valid for *.${siteName}, *.${otherSiteName} and 127.0.0.1 only, and its private key no longer exists.

  Chromium, Chrome on Linux (certutil is in libnss3-tools or nss-tools; restart the browser):
    mkdir -p ~/.pki/nssdb
    certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n '${name}' -i '${authorityFile}'
    (to undo: certutil -d sql:$HOME/.pki/nssdb -D -n '${name}')
  Firefox: Settings, Privacy & Security, View Certificates, Authorities, Import; tick "identify websites"
  macOS (Safari, Chrome):
    security add-trusted-cert -r trustRoot -p ssl -k ~/Library/Keychains/login.keychain-db '${authorityFile}'
  Windows (Edge, Chrome):
    certutil -user -addstore Root "${authorityFile}"
`;
}
