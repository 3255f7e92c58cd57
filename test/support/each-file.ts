/** Runs for each test file: several share a process, and what they import is loaded once. */
import { afterAll } from 'vitest';
import { removeTemporaryFolders } from './folders.ts';

afterAll(removeTemporaryFolders);
