/** How a patient is called in lists, and who is meant by a name with a slip in it. */

import { describe, expect, it } from 'vitest';
import { displayName, nearestWord, nearNames } from '../../src/domain/patient-names.ts';
import type { Patient } from '../../src/domain/records.ts';
import { aPatient, stored } from '../support/records.ts';

const patient = (name: string, handle: string): Patient => stored(handle, aPatient(handle, { name }));

describe('how a patient is called', () => {
  it.each([
    ['Jürgen Müller-Lüdenscheidt', 'Mr Müller', 'Mr Müller'],
    ['Jürgen Müller-Lüdenscheidt', 'Jo Ludenscheidt', 'Jo Ludenscheidt'],
    ['Jürgen Müller-Lüdenscheidt', 'Jo', 'Jo Müller-Lüdenscheidt'],
    ['María Luisa Razo', 'Malu', 'Malu Razo'],
    ['Ned Hintz', 'Mr Hintz', 'Mr Hintz'],
    ['Cher', 'Sherry', 'Sherry'],
  ])('%s, who goes by %s, is %s', (name, goes_by, called) => {
    expect(displayName({ name, goes_by })).toBe(called);
  });
});

describe('a name with a slip in it', () => {
  const patients = [
    patient('María Luisa Razo', 'malu'),
    patient('Ned Hintz', 'ned'),
    patient('Walter Beer', 'bo'),
  ];

  it.each([
    ['mlau', 'malu'],
    ['nde', 'ned'],
    ['ob', 'bo'],
  ])('%s is near %s', (typed, handle) => {
    expect(nearNames(typed, patients).map((one) => one.handle)).toContain(handle);
  });

  it('is not any other short word', () => {
    expect(nearNames('xy', patients)).toEqual([]);
  });

  it('may be a choice with two letters swapped', () => {
    expect(nearestWord('ni', ['in', 'out'])).toBe('in');
    expect(nearestWord('viist', ['visit', 'call'])).toBe('visit');
  });
});
