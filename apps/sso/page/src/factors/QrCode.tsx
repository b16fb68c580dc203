/** A QR code, dark on white in every color scheme, since some cameras can't read an inverted one. */
import { useEffect, useState } from 'react';

/** ISO/IEC 18004 requires it. */
const QUIET_ZONE_MODULES = 4;

export function QrCode({ text, label }: { text: string; label: string }) {
  const [modules, setModules] = useState<boolean[][] | null>(null);

  useEffect(() => {
    let isCurrent = true;
    // Loaded only where it is needed. Without it, the person can still type the key.
    import('uqr')
      .then(
        ({ encode }) => isCurrent && setModules(encode(text, { ecc: 'M', border: QUIET_ZONE_MODULES }).data),
      )
      .catch(() => {});
    return () => {
      isCurrent = false;
    };
  }, [text]);

  const size = modules?.length ?? 1;
  return (
    <svg className="qr-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <path d={modules === null ? '' : toPath(modules)} />
    </svg>
  );
}

/** One square for each dark module. */
function toPath(modules: readonly boolean[][]): string {
  return modules.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
}
