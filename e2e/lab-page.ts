/** Page object for the lab's views, above all the inspector and the CORS lab. */
import { expect, type Locator, type Page } from '@playwright/test';

export class LabPage {
  readonly page: Page;
  readonly runButton: Locator;
  readonly #arrows: Locator;

  constructor(page: Page) {
    this.page = page;
    this.runButton = page.getByRole('button', { name: 'Run the experiment' });
    this.#arrows = page.locator('li[data-purpose]');
  }

  /** @param path including the query, such as `/cors?experiment=no-header` */
  async open(origin: string, path = '/'): Promise<this> {
    await this.page.goto(origin + path);
    return this;
  }

  /** Opens the inspector, waits until it is connected, and clears the requests of earlier stories. */
  async openInspector(origin: string): Promise<this> {
    await this.open(origin);
    await this.showsStatus(/^Connected/);
    await this.clear();
    return this;
  }

  async clear(): Promise<void> {
    await this.page.getByRole('button', { name: 'Clear' }).click();
    await expect(this.#arrows).toHaveCount(0);
  }

  async showsStatus(text: RegExp): Promise<void> {
    await expect(this.page.getByRole('status').filter({ hasText: text })).toBeVisible();
  }

  /** The arrows of the requests with one purpose. */
  arrowsOf(purpose: string): Locator {
    return this.page.locator(`li[data-purpose="${purpose}"]`);
  }

  /** Returns the arrows in order, such as `page → sso: login status`. */
  arrows(): Promise<string[]> {
    return this.#arrows.evaluateAll((items) =>
      items.map((item) => {
        const { from, to, purpose } = (item as HTMLElement).dataset;
        return `${from} → ${to}: ${purpose}`;
      }),
    );
  }

  /** Runs the experiment on the page, and waits until each step shows what happened. */
  async run(): Promise<void> {
    await this.runButton.click();
    await expect(this.page.locator('[data-rule] tr[data-answer]:not([data-agrees])')).toHaveCount(0);
  }

  /** Waits until the verdicts name these rules, one per step. */
  async showsRules(...rules: readonly string[]): Promise<void> {
    const shown = () =>
      this.page
        .locator('[data-rule]')
        .evaluateAll((steps) => steps.map((step) => step.getAttribute('data-rule')));
    await expect.poll(shown).toEqual(rules);
  }

  /** Returns the rows in which the browser or the server contradicts the prediction. */
  disagreements(): Promise<string[]> {
    return this.page
      .locator('tr[data-agrees="false"]')
      .evaluateAll((rows) => rows.map((row) => row.textContent));
  }

  /** The server's answer to one question about one step. */
  recorded(question: string, step = 0): Locator {
    return this.page
      .locator('[data-rule]')
      .nth(step)
      .locator(`tr[data-answer="${question}"] td[data-source="server"]`);
  }
}
