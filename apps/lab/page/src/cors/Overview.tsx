/** All experiments by group, and again by the article's five points. */
import { articlePoints, experimentsOfPoint } from '../../../experiments/article-points.ts';
import type { Experiment } from '../../../experiments/experiment.ts';
import { ExperimentLink, ExperimentLinks } from './ExperimentLinks.tsx';
import './Overview.css';

export function Overview({ experiments }: { experiments: readonly Experiment[] }) {
  return (
    <div className="overview stack">
      <header>
        <h2>Try one CORS mistake at a time</h2>
        <p className="overview-intro">
          Choose an experiment. Your browser sends a real request to a server that responds with the
          experiment’s policy. You see what the Fetch standard predicts, what this page can read, and what the
          server recorded, even if the browser blocks the response.
        </p>
      </header>
      <ExperimentLinks experiments={experiments} current={null} titleElement="h3" />
      <section className="points" aria-labelledby="points-title">
        <h2 id="points-title">The five points of the 2017 article</h2>
        <p className="overview-intro">
          Single sign-on with CORS relies on five rules. Break each one and see what happens.
        </p>
        <ol>
          {articlePoints.map(({ point, title, text, file }) => (
            <li className="box stack" key={point}>
              <div>
                <h3>{title}</h3>
                <p>{text}</p>
                <p className="points-file">
                  In this repository: <code translate="no">{file}</code>
                </p>
              </div>
              <ul aria-label={`Experiments of point ${point}`}>
                {experimentsOfPoint(experiments, point).map((experiment) => (
                  <li key={experiment.id}>
                    <ExperimentLink experiment={experiment} />
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}
