import { defineConfig } from '@playwright/test';
import tests from './playwright.config';

/** Takes the pictures in docs/images from a real server: `make screenshots`. */
export default defineConfig({ ...tests, projects: [], testMatch: 'screenshots.shot.ts', reporter: [['line']] });
