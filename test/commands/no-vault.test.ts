import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makePlace } from '../support/vault.ts';

describe('a folder without a vault', () => {
  it('that is open to others is no fault: there is only no vault in it', async () => {
    const place = makePlace();
    mkdirSync(place.folder);
    chmodSync(place.folder, 0o777);
    const { code, stderr, stdout } = await place.run(['due']);
    expect(code).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toContain(`no vault in ${place.folder}`);
    expect(stderr).toContain('hint: rapport init');
    expect(stderr).not.toContain('chmod');
    expect(statSync(place.folder).mode & 0o777).toBe(0o777);
  });
});
