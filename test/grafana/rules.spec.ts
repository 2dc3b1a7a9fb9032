import { expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../src/config/project-root.js';
import { testRunFolder } from '../support/database.js';
import { describeWithDebian, PROMTOOL } from '../support/debian.js';

const folder = path.join(projectRoot, 'grafana', 'prometheus');
const rules = readFileSync(path.join(folder, 'rules.yml'), 'utf8');
const tests = readFileSync(path.join(folder, 'rules.test.yml'), 'utf8');
const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);

it('there are alerts, each once', () => {
  expect(alerts.length).toBeGreaterThan(10);
  expect(new Set(alerts).size).toBe(alerts.length);
});

it.each(alerts)('%s has a test in which it fires and one in which it keeps quiet', (alert) => {
  expect(tests).toContain(`- name: ${alert} fires`);
  expect(tests).toContain(`- name: ${alert} keeps quiet`);
});

it.each(alerts)('%s links to a section of the runbook that is there', (alert) => {
  const [, rule] = new RegExp(`- alert: ${alert}\n([\\s\\S]*?)(?=\n\n|$)`).exec(rules)!;
  const [, file, anchor] = /runbook_url: (\S+)#(\S+)/.exec(rule)!;
  const headings = [...readFileSync(path.join(projectRoot, file), 'utf8').matchAll(/^### (.+)$/gm)];
  expect(headings.map(([, heading]) => heading.toLowerCase())).toContain(anchor);
});

describeWithDebian('promtool', [PROMTOOL], (promtool) => {
  it('takes the rules and the configuration', () => {
    execFileSync(promtool, ['check', 'rules', 'rules.yml'], { cwd: folder });
    // The key that it scrapes with is the operator's.
    const configured = mkdtempSync(path.join(testRunFolder(), 'promtool-'));
    cpSync(folder, configured, { recursive: true });
    writeFileSync(path.join(configured, 'gridwarden.key'), 'gw_key');
    execFileSync(promtool, ['check', 'config', 'prometheus.yml'], { cwd: configured });
  });

  it('finds that every alert does as its tests say', () => {
    const { status, stdout, stderr } = spawnSync(promtool, ['test', 'rules', 'rules.test.yml'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect({ status, output: stdout + stderr }).toMatchObject({ status: 0 });
  });

  it('would find a wrong threshold, pause or name', () => {
    const mistakes = [
      { alert: 'GridwardenHttpErrors', right: 'ratio_rate5m > 0.05', wrong: 'ratio_rate5m > 0.5' },
      { alert: 'GridwardenReadingsLate', right: 'for: 6h', wrong: 'for: 60h' },
      { alert: 'GridwardenWebhooksDead', right: 'webhook_deliveries{', wrong: 'webhook_messages{' },
    ];
    const copy = mkdtempSync(path.join(testRunFolder(), 'rules-'));
    cpSync(folder, copy, { recursive: true });
    const broken = mistakes.reduce((text, { right, wrong }) => text.replace(right, wrong), rules);
    writeFileSync(path.join(copy, 'rules.yml'), broken);
    const { stdout, stderr } = spawnSync(promtool, ['test', 'rules', 'rules.test.yml'], {
      cwd: copy,
      encoding: 'utf8',
    });
    const failed = [...(stdout + stderr).matchAll(/alertname: ?(\w+)/g)].map(([, alert]) => alert);
    expect([...new Set(failed)].sort()).toEqual(mistakes.map(({ alert }) => alert));
  });
});
