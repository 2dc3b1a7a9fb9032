/**
 * SQL, of a row `s` of `score`: exclusive end of the readings it stands for. Where nothing is suspected the row is not written again
 * until the score moves, so that it stands for what the newest run looked at.
 */
export const SCORE_AS_OF = `
  case when s.kind = 'none'
    then coalesce((select as_of from scoring_run where finished_at is not null order by id desc limit 1), s.as_of)
    else s.as_of end`;
