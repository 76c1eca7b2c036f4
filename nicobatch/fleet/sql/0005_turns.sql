-- A turn's videos in the order in which it takes them, however many the account has.
CREATE INDEX nicobatch_videos_turn ON nicobatch_videos (account_id, (failures = 0), id)
WHERE state = 'due';

-- A receipt is written several times on its way: room for its next version beside it.
ALTER TABLE nicobatch_receipts SET (fillfactor = 50);
