import type { Config } from 'tailwindcss';

/** Colours are CSS variables of app/globals.css, so that light and dark are one palette each. */
const config: Config = {
  darkMode: 'media',
  content: ['./app/**/*.tsx', './components/**/*.tsx'],
  theme: {
    extend: {
      colors: {
        background: 'var(--background)',
        foreground: 'var(--foreground)',
        muted: 'var(--muted)',
        'muted-foreground': 'var(--muted-foreground)',
        border: 'var(--border)',
        accent: 'var(--accent)',
      },
      fontFamily: { sans: ['var(--font-geist-sans)'], mono: ['var(--font-geist-mono)'] },
    },
  },
};

export default config;
