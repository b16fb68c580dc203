/**
 * A certificate authority for one machine and one certificate under it, so that the demo and the tests speak
 * HTTPS. Whoever trusts the authority trusts nothing else: it is constrained to one site and 127.0.0.1, and
 * its private key is never written anywhere, so nobody can sign a second certificate with it.
 */
import 'reflect-metadata'; // @peculiar/x509 needs it
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AsnConvert } from '@peculiar/asn1-schema';
import * as asn1 from '@peculiar/asn1-x509';
import * as x509 from '@peculiar/x509';

export type Certificates = {
  readonly authorityFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
};

const address = '127.0.0.1';
const day = 24 * 60 * 60 * 1000;
const validDays = 365;
const renewalDays = 30;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/**
 * The certificates in this folder for hosts of one site, made anew if missing, for other hosts, or soon to
 * expire.
 */
export async function localCertificates(
  folder: string,
  site: string,
  hosts: readonly string[],
): Promise<Certificates> {
  const certificates = {
    authorityFile: join(folder, 'authority.pem'),
    certificateFile: join(folder, 'site.pem'),
    keyFile: join(folder, 'site.key.pem'),
  };
  if (!areUsable(certificates, hosts)) {
    const { authority, certificate, key } = await issue(site, hosts);
    mkdirSync(folder, { recursive: true });
    rmSync(certificates.keyFile, { force: true }); // a file that exists would keep its mode
    writeFileSync(certificates.authorityFile, authority);
    writeFileSync(certificates.certificateFile, certificate);
    writeFileSync(certificates.keyFile, key, { mode: 0o600 });
  }
  return certificates;
}

function areUsable(
  { authorityFile, certificateFile, keyFile }: Certificates,
  hosts: readonly string[],
): boolean {
  const wanted = [...hosts.map((host) => `DNS:${host}`), `IP Address:${address}`].join(', ');
  try {
    const authority = new X509Certificate(readFileSync(authorityFile));
    const certificate = new X509Certificate(readFileSync(certificateFile));
    return (
      certificate.verify(authority.publicKey) &&
      certificate.checkPrivateKey(createPrivateKey(readFileSync(keyFile))) &&
      certificate.subjectAltName === wanted &&
      certificate.validToDate.getTime() - Date.now() > renewalDays * day
    );
  } catch {
    return false; // missing, or half written
  }
}

async function issue(site: string, hosts: readonly string[]) {
  const authorityKeys = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const siteKeys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const validity = { notBefore: new Date(), notAfter: new Date(Date.now() + validDays * day) };
  // Each authority has a name of its own, so that no browser takes an older one for it.
  const name = `CN=Same-site SSO demo ${randomBytes(4).toString('hex')}`;

  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    name,
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      nameConstraints(site),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity,
    issuer: name,
    subject: `CN=${site}`,
    publicKey: siteKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...hosts.map((value) => ({ type: 'dns' as const, value })),
        { type: 'ip', value: address },
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

/** RFC 5280, 4.2.1.10: the names that certificates under the authority may carry. */
function nameConstraints(site: string): x509.Extension {
  const permitted = [{ dNSName: site }, { iPAddress: `${address}/32` }].map(
    (name) => new asn1.GeneralSubtree({ base: new asn1.GeneralName(name) }),
  );
  const constraints = new asn1.NameConstraints({ permittedSubtrees: new asn1.GeneralSubtrees(permitted) });
  return new x509.Extension(asn1.id_ce_nameConstraints, true, AsnConvert.serialize(constraints));
}
