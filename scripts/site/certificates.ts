/**
 * Issues a certificate for the demo and the tests, under a certificate authority made for this machine
 * alone. People are told to trust this authority, so it is constrained to the demo's sites and 127.0.0.1, and
 * its private key is never stored: nobody can sign a second certificate with it.
 */
import 'reflect-metadata'; // @peculiar/x509 needs it.
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { AsnConvert } from '@peculiar/asn1-schema';
import * as asn1 from '@peculiar/asn1-x509';
import * as x509 from '@peculiar/x509';

export interface Certificates {
  readonly authorityFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

const IP_ADDRESS = '127.0.0.1';
const DAY_MS = 24 * 60 * 60 * 1000;
const VALIDITY_DAYS = 365;
const RENEWAL_DAYS = 30;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/**
 * Returns the certificates in a folder. Issues new ones if they are missing, for other hosts, or expire
 * soon.
 *
 * @param sites the names under which the authority may certify a host
 */
export async function localCertificates(
  folder: string,
  sites: readonly [string, ...string[]],
  hosts: readonly string[],
): Promise<Certificates> {
  const files = {
    authorityFile: path.join(folder, 'authority.pem'),
    certificateFile: path.join(folder, 'site.pem'),
    keyFile: path.join(folder, 'site.key.pem'),
  };
  if (areUsable(files, hosts)) return files;
  const { authority, certificate, key } = await issue(sites, hosts);
  mkdirSync(folder, { recursive: true });
  rmSync(files.keyFile, { force: true }); // An existing file would keep its mode.
  writeFileSync(files.authorityFile, authority);
  writeFileSync(files.certificateFile, certificate);
  writeFileSync(files.keyFile, key, { mode: 0o600 });
  return files;
}

function areUsable(files: Certificates, hosts: readonly string[]): boolean {
  const subjectAltName = [...hosts.map((host) => `DNS:${host}`), `IP Address:${IP_ADDRESS}`].join(', ');
  try {
    const authority = new X509Certificate(readFileSync(files.authorityFile));
    const certificate = new X509Certificate(readFileSync(files.certificateFile));
    return (
      certificate.verify(authority.publicKey) &&
      certificate.checkPrivateKey(createPrivateKey(readFileSync(files.keyFile))) &&
      certificate.subjectAltName === subjectAltName &&
      certificate.validToDate.getTime() - Date.now() > RENEWAL_DAYS * DAY_MS
    );
  } catch {
    return false; // Missing or half written.
  }
}

async function issue(sites: readonly [string, ...string[]], hosts: readonly string[]) {
  const authorityKeys = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
  const siteKeys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  // A name of its own, so that no browser mistakes an older authority for it.
  const issuer = `CN=Same-site SSO demo ${randomBytes(4).toString('hex')}`;
  const common = {
    issuer,
    notBefore: new Date(),
    notAfter: new Date(Date.now() + VALIDITY_DAYS * DAY_MS),
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: ALGORITHM,
  };
  const forServers = new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]);
  const authority = await x509.X509CertificateGenerator.create({
    ...common,
    subject: issuer,
    publicKey: authorityKeys.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      forServers,
      nameConstraints(sites),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const certificate = await x509.X509CertificateGenerator.create({
    ...common,
    subject: `CN=${sites[0]}`,
    publicKey: siteKeys.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      forServers,
      new x509.SubjectAlternativeNameExtension([
        ...hosts.map((value) => ({ type: 'dns' as const, value })),
        { type: 'ip', value: IP_ADDRESS },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(siteKeys.publicKey),
    ],
  });
  const key = await crypto.subtle.exportKey('pkcs8', siteKeys.privateKey);
  return {
    authority: authority.toString('pem'),
    certificate: certificate.toString('pem'),
    key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
  };
}

/** RFC 5280, section 4.2.1.10. @peculiar/x509 has no class for it. */
function nameConstraints(sites: readonly string[]): x509.Extension {
  const names = [...sites.map((dNSName) => ({ dNSName })), { iPAddress: `${IP_ADDRESS}/32` }];
  const permitted = names.map((name) => new asn1.GeneralSubtree({ base: new asn1.GeneralName(name) }));
  const constraints = new asn1.NameConstraints({ permittedSubtrees: new asn1.GeneralSubtrees(permitted) });
  return new x509.Extension(asn1.id_ce_nameConstraints, true, AsnConvert.serialize(constraints));
}
