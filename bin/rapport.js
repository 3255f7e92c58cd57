#!/usr/bin/env node
import { createRequire } from 'node:module';

const { start } = createRequire(import.meta.url)('../dist/rapport.cjs');
process.exitCode = await start();
