-- Lessons as phones keep them: a bundle for each course and language, kept as the bundles of guidance are.
-- depends: 0025_guidance

-- No course: guidance itself. `guidance_document.owner` is then the language, else `course/language`, and the path of
-- such a document is one under /v1/, not under /v1/guidance/.
ALTER TABLE guidance_bundle ADD COLUMN course text NOT NULL DEFAULT '';
ALTER TABLE guidance_bundle DROP CONSTRAINT guidance_bundle_pkey;
ALTER TABLE guidance_bundle ADD PRIMARY KEY (course, language);
ALTER TABLE guidance_bundle ALTER course DROP DEFAULT;
