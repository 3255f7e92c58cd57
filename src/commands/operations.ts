/** `rapport undo`, which takes a change back or does it again, and `log`: who looked at or changed what, and when. */
import { type Ctx, command, type Outcome } from '../cli/command.ts';
import { flag, numeric, optionalArgument } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import { shortDate } from '../dates/civil.ts';
import { displayName, patientDocument } from '../domain/patient-names.ts';
import type { Patient } from '../domain/records.ts';
import { present } from '../domain/text.ts';
import { conflict, Failure, notFound } from '../errors.ts';
import type { LogRow } from '../store/access-log.ts';
import type { ChangedRecord, Operation } from '../store/history.ts';
import { type Column, listLines } from '../terminal/list-view.ts';
import {
  describeChange,
  describeOperation,
  momentOf,
  type OperationView,
  operationDocument,
} from '../terminal/record-lists.ts';
import { draftLines } from './drafts.ts';
import { keyChanges } from './key.ts';
import { onePatient, patientsOf } from './lookup.ts';
import { screens } from './sight.ts';

const listed = 20;
const recordsListed = 50;

/** What of an operation may be told: of private records nothing, and of a discreet patient's not that they are there. */
function viewOf(operation: Operation, sensitive: boolean, ctx: Ctx): OperationView {
  const { store, clock } = ctx;
  const all = store.history.records(operation.id, recordsListed);
  const patients = patientsOf(all, store);
  const screen = screens(ctx, sensitive);
  const records = all.flatMap((record): ChangedRecord | readonly never[] => {
    const patient = patients.get(record.patient_id ?? '');
    return patient === undefined ? record : (screen(patient).change(record) ?? []);
  });
  const count = operation.count - all.length + records.length;
  return {
    operation: { ...operation, count },
    records,
    isHidden: count === 0 && operation.count > 0,
    patients,
    local: clock.local(operation.at),
    today: clock.today(),
  };
}

const stateOf = (operation: Operation, { history }: Store): string => {
  const target = operation.undoes === null ? undefined : history.byId(operation.undoes);
  if (target !== undefined) return `${operation.verb} of ${target.number}`;
  return operation.undone ? 'undone' : operation.undoable ? '' : 'for good';
};

function listOperations(sensitive: boolean, ctx: Ctx): Outcome {
  const views = ctx.store.history
    .list(listed)
    .map((operation) => viewOf(operation, sensitive, ctx))
    .filter(({ isHidden }) => !isHidden);
  const columns: readonly Column<OperationView>[] = [
    { align: 'right', cell: ({ operation }) => String(operation.number), tone: 'ref' },
    { cell: ({ operation }) => stateOf(operation, ctx.store), tone: 'quiet' },
    { fit: 'wrap', cell: describeOperation },
  ];
  return {
    json: () => ({ action: 'list', operations: views.map(operationDocument) }),
    text: async () => (await listLines(views, columns, ctx.output)).join('\n') || 'Nothing was changed yet',
    looked: { count: views.length },
  };
}

function newest(redo: boolean, store: Store): Operation {
  const { history, log } = store;
  const last = redo ? undefined : log.lastOf(keyChanges);
  if (keyChanges.some((verb) => verb === last))
    throw conflict(
      `the newest change was of the keys (${last}), and cannot be undone`,
      'rapport undo --list shows the changes before it, then rapport undo NUMBER',
    );
  const operation = redo ? history.newestUndo() : history.newest();
  if (operation !== undefined) return operation;
  throw notFound(redo ? 'there is nothing to redo' : 'there is nothing to undo', 'rapport undo --list');
}

function named(asked: string, { history }: Store): Operation {
  const operation = /^#?\d{1,9}$/.test(asked)
    ? history.numbered(Number(asked.replace('#', '')))
    : history.byId(asked.toUpperCase());
  if (operation === undefined) throw notFound(`no change '${asked}'`, 'rapport undo --list');
  return operation;
}

function refuse(operation: Operation, ctx: Ctx): void {
  const { history } = ctx.store;
  if (!operation.undoable)
    throw conflict(
      `change ${operation.number} (${operation.verb}) took something out for good, and cannot be undone`,
      'rapport undo --list shows what can, then rapport undo NUMBER',
    );
  if (operation.undone)
    throw conflict(
      `change ${operation.number} is ${operation.undoes === null ? 'undone' : 'redone'} already`,
      'rapport undo --list',
    );
  if (history.isEmpty(operation))
    throw conflict(`what change ${operation.number} touched was erased since`, 'rapport undo --list');
  const later = history.laterOn(operation.id);
  const [last] = later;
  if (last === undefined) return;
  throw new Failure(
    'conflict',
    later.length === 1
      ? 'a later change builds on this one'
      : `${later.length} later changes build on this one`,
    [`take that back first: rapport undo ${last.number}`],
    // An error never shows what patients said: the number, the command and the time will do.
    later.slice(0, listed).map((one) => `  ${one.number}  ${one.verb}, ${momentOf(viewOf(one, false, ctx))}`),
  );
}

function previewOf(verb: string, view: OperationView): string {
  const { operation, records } = view;
  const rest = operation.count - records.length;
  const changes = records.length > 1 ? records.map((record) => `  ${describeChange(record)}`) : [];
  return present(
    `${verb}: ${describeOperation(view)}`,
    ...changes,
    changes.length > 0 && rest > 0 && `  and ${rest} more`,
  ).join('\n');
}

export const undo = command({
  arguments: { operation: optionalArgument('its number in the list; the newest unless given') },
  options: {
    list: flag('the newest changes, with their numbers'),
    dryRun: flag('only say what would be undone'),
    redo: flag('do again what was undone last'),
    sensitive: flag('with the texts of private records'),
  },
  apart: { operation: ['list', 'redo'], list: ['redo', 'dryRun'] },
  examples: ['', '--list', '42 --dry-run', '--redo'],
  run({ operation: asked, list, dryRun, redo, sensitive }, ctx): Outcome {
    const { store } = ctx;
    if (list) return listOperations(sensitive, ctx);
    const operation = asked === undefined ? newest(redo, store) : named(asked, store);
    refuse(operation, ctx);
    // Taking an undo back is a redo; what is said is then what comes back.
    const undone = operation.undoes === null ? undefined : store.history.byId(operation.undoes);
    const isRedo = undone !== undefined && undone.undoes === null;
    const view = viewOf(isRedo ? undone : operation, sensitive, ctx);
    const verb = isRedo ? 'redo' : 'undo';
    const json = { action: dryRun ? 'dry-run' : verb, operations: [operationDocument(view)] };
    if (dryRun) return { json, text: previewOf(verb, view), looked: { count: view.records.length } };
    const before = new Set(store.drafts.all().map(({ id }) => id));
    store.write({ verb }, () => store.history.undo(operation.id));
    const back = store.drafts.all().filter(({ id }) => !before.has(id));
    return {
      json,
      text: `${isRedo ? 'redone' : 'undone'}: ${describeOperation(view)}`,
      notices: [
        isRedo ? 'rapport undo takes it back again' : 'rapport undo --redo does it again',
        ...draftLines(store, ctx.clock.today(), back),
      ],
    };
  },
});

const usual = 50;

function whatOf({ operation, patient_id, count }: LogRow): string {
  if (operation !== null) return `${count} changed`;
  if (patient_id !== null) return 'looked at';
  return count === 0 ? '' : `${count} listed`;
}

export const log = command({
  options: {
    patient: onePatient('of one patient'),
    limit: numeric(
      { usual, from: 1, to: 100_000 },
      ['a number of rows', 'use --limit 200'],
      `how many rows, newest first; ${usual} unless given`,
    ),
    sensitive: flag('with the changes of private records of discreet patients'),
  },
  examples: ['', '--patient malu', '--limit 500 --json'],
  run({ patient: asked, limit, sensitive }, ctx) {
    const { store, clock, output } = ctx;
    const found = store.log.rows({ limit, patientId: asked?.id });
    const patients = patientsOf(found, store);
    const screen = screens(ctx, sensitive);
    const rows = found.flatMap((row): readonly LogRow[] => {
      const patient = patients.get(row.patient_id ?? '');
      if (patient === undefined || row.operation === null) return [row];
      const { isSilent, change } = screen(patient);
      if (!isSilent) return [row];
      const records = store.history.records(row.operation, recordsListed);
      const unseen = records.filter((one) => one.patient_id === patient.id && !change(one)).length;
      return unseen === row.count ? [] : [{ ...row, count: row.count - unseen }];
    });
    // Who became part of the patient that was asked for is that patient now.
    const patientOf = ({ patient_id }: LogRow): Patient | undefined =>
      asked ?? patients.get(patient_id ?? '');
    const nameOf = (row: LogRow): string => {
      const patient = patientOf(row);
      return patient ? displayName(patient) : row.patient_id === null ? '' : '(no longer here)';
    };
    return {
      json: () => ({
        rows: rows.map((row) => {
          const patient = patientOf(row);
          return { ...row, patient: patient ? patientDocument(patient) : null };
        }),
      }),
      text: async () => {
        const today = clock.today();
        const columns: readonly Column<LogRow>[] = [
          {
            cell: (row) => {
              const { date, time } = clock.local(row.at);
              return `${shortDate(date, today)} ${time}`;
            },
            tone: 'quiet',
          },
          { cell: ({ verb }) => verb },
          { fit: 'cut', cell: nameOf },
          { cell: whatOf },
        ];
        return (await listLines(rows, columns, output)).join('\n') || 'Nothing yet';
      },
      paged: true,
      looked: asked === undefined ? { count: rows.length } : { patientId: asked.id },
    };
  },
});
