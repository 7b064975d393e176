import { defineConfig } from '@playwright/test';
import tests from './playwright.config';

// An empty list of projects would be a list without any test.
const { projects: _projects, ...shared } = tests;

/** Takes the pictures in docs/images from a real server: `make screenshots`. */
export default defineConfig({ ...shared, testMatch: 'screenshots.shot.ts', reporter: [['line']] });
