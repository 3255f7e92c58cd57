/** The light HMAC must be the HMAC: held against Node's own, over any key and any parts. */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { macOf, sameBytes } from '../src/mac.ts';

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const part = fc.oneof(bytes, fc.string({ unit: 'binary', maxLength: 80 }));

describe('macOf', () => {
  it('gives what Node gives', () => {
    fc.assert(
      fc.property(bytes, fc.array(part, { maxLength: 4 }), (key, parts) => {
        const node = createHmac('sha256', key);
        for (const one of parts) node.update(one);
        expect(macOf(key, ...parts)).toEqual(node.digest());
      }),
    );
  });
});

describe('sameBytes', () => {
  it('is true of equal bytes alone', () => {
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        expect(sameBytes(one, Buffer.from(one))).toBe(true);
        expect(sameBytes(one, other)).toBe(one.equals(other));
      }),
    );
  });

  it('sees one bit of difference anywhere', () => {
    fc.assert(
      fc.property(
        bytes.filter(({ length }) => length > 0),
        fc.nat(),
        fc.nat(7),
        (one, at, bit) => {
          const other = Buffer.from(one);
          const place = at % one.length;
          other[place] = (other[place] ?? 0) ^ (1 << bit);
          expect(sameBytes(one, other)).toBe(false);
        },
      ),
    );
  });
});
