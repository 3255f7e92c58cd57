/** Write-ups, in two terminals: what was typed is a draft, or is given back. */
import type { Store } from '../../../src/store/store.ts';
import { draftTexts } from '../../support/drafts.ts';
import { forget, forgotten, merge, merged, patient, promise, type Rows } from './row.ts';

const toLearn = [
  ['Visit on', '\r'],
  ['Done or answered?', '1 by letter\r'],
  ['What did you promise', 'call by fri\r'],
  ['Fri 13 Mar', '\r'],
] as const;
const draftOf = (store: Store, id: string) => draftTexts(store, id)?.map((text) => text.slice(-9));

export const writeUps: Rows = {
  'commit, patient forgotten': {
    here: ['commit', 'walt'],
    before: toLearn,
    at: 'What did you learn?',
    there: [forget],
    keys: 'sings on Fridays\r',
    code: 9,
    says: [forgotten, 'You typed:', '  call by fri', '  sings on Fridays'],
    look: (store) => [patient(store, 'walt'), store.drafts.all()],
    stands: [undefined, []],
  },
  'commit, patient became part of another': {
    here: ['commit', 'walt'],
    before: toLearn,
    at: 'What did you learn?',
    there: [merge],
    keys: 'sings on Fridays\r',
    code: 9,
    says: [merged, '  sings on Fridays'],
    look: (store) => draftOf(store, 'ned'),
    stands: ['by letter', 'll by fri'],
  },
  'commit, patient forgotten at its end': {
    here: ['commit', 'walt'],
    before: [...toLearn, ['What did you learn?', '\r'], ['Ask next time?', '\r']],
    at: 'Enter saves',
    there: [forget],
    keys: '\r',
    code: 9,
    says: [forgotten, 'You typed:', '  call by fri'],
    look: (store) => store.drafts.all(),
    stands: [],
  },
  'commit, kept': {
    here: ['commit', 'walt'],
    before: [...toLearn, ['What did you learn?', '\r'], ['Ask next time?', '\r']],
    at: 'Enter saves',
    there: [['done', 'walt-c1', '--how', 'called']],
    keys: '\r',
    after: [['Saved. Enter ends', '\r']],
    code: 0,
    says: ['NOT SAVED', 'no longer open  by letter'],
    look: (store) => [promise(store, 'walt-c1')?.how, store.commitments.of('walt').length],
    stands: ['called', 4],
  },
  'commit, moved': {
    here: ['commit', 'walt'],
    before: [...toLearn, ['What did you learn?', '\r'], ['Ask next time?', '\r']],
    at: 'Enter saves',
    there: [['move', 'walt-c1', '--to', 'ned']],
    keys: '\r',
    after: [['Saved. Enter ends', '\r']],
    code: 0,
    says: ['no longer open  by letter'],
    look: (store) => [promise(store, 'walt-c1')?.status, promise(store, 'walt-c1')?.patient_id],
    stands: ['open', 'ned'],
  },
  'commit taken back, its promise kept': {
    here: ['commit', 'walt'],
    before: [...toLearn, ['What did you learn?', '\r'], ['Ask next time?', '\r'], ['Enter saves', '\r']],
    at: 'Saved. Enter ends',
    there: [['done', 'NEWEST', '--how', 'called']],
    keys: 'u\r',
    code: 9,
    says: ['later changes rest on this one'],
    look: (store) => store.commitments.of('walt').flatMap(({ how }) => how ?? []),
    stands: ['called', 'by letter'],
  },
};
