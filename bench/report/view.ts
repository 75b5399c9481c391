/** The script of the report's own file: draws what the file holds. */

import type { Report } from '../results.ts';
import { drawReport } from './draw.ts';

const { textContent } = document.getElementById('data')!;
drawReport(document.getElementById('report')!, JSON.parse(textContent!) as Report);
