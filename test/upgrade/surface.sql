-- surface: everything about the objects of extension ddb that a user could tell apart, a
-- line each, without OIDs and in an order that doesn't depend on them.  An object made by
-- CREATE EXTENSION and one that an upgrade script brought about must give the same lines.
-- Kinds of objects that nothing here knows are an error: teach it to describe them.
SET search_path = pg_catalog;
SET quote_all_identifiers = off;

WITH member AS (
  SELECT d.classid, d.objid
  FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
  WHERE e.extname = 'ddb' AND d.deptype = 'e'
), relation AS (  -- members, and the indexes that belong to them
  SELECT c.* FROM pg_class c JOIN member m ON m.classid = 'pg_class'::regclass AND m.objid = c.oid
  UNION
  SELECT c.* FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
    JOIN member m ON m.classid = 'pg_class'::regclass AND m.objid = i.indrelid
), fact (object, what, value) AS (
  SELECT pg_describe_object(classid, objid, 0), 'member', 'yes' FROM member
  UNION ALL
  SELECT pg_describe_object(classid, objid, 0), 'unknown kind of object', classid::regclass::text FROM member
    WHERE classid <> ALL (ARRAY['pg_am', 'pg_class', 'pg_event_trigger', 'pg_namespace', 'pg_opclass', 'pg_operator',
                                'pg_opfamily', 'pg_proc']::regclass[]::oid[])
  UNION ALL
  SELECT pg_describe_object(d.classoid, d.objoid, d.objsubid), 'comment', d.description
    FROM pg_description d
    WHERE (d.classoid, d.objoid) IN (SELECT classid, objid FROM member UNION ALL SELECT 'pg_class'::regclass, oid FROM relation)
       OR d.classoid = 'pg_trigger'::regclass AND EXISTS (SELECT FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE t.oid = d.objoid)
       OR d.classoid = 'pg_constraint'::regclass AND EXISTS (SELECT FROM pg_constraint t JOIN relation r ON r.oid = t.conrelid WHERE t.oid = d.objoid)

  -- the extension itself
  UNION ALL
  SELECT 'extension', 'attributes', row(extversion, extrelocatable, extnamespace::regnamespace)::text
    FROM pg_extension WHERE extname = 'ddb'
  UNION ALL
  SELECT 'extension', 'dumped data', config::regclass || ' ' || condition
    FROM pg_extension, unnest(extconfig, extcondition) AS u(config, condition) WHERE extname = 'ddb'
  UNION ALL
  SELECT 'extension', 'needs', pg_describe_object(d.refclassid, d.refobjid, 0)
    FROM pg_depend d JOIN pg_extension e ON d.classid = 'pg_extension'::regclass AND d.objid = e.oid
    WHERE e.extname = 'ddb'
  -- and what depends on its members, or they depend on
  UNION ALL
  SELECT DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid), 'needs ' || d.deptype::text,
         pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)
    FROM pg_depend d JOIN member m ON m.classid = d.classid AND m.objid = d.objid
    WHERE d.refclassid <> 'pg_extension'::regclass

  -- schemas, access methods, event triggers
  UNION ALL
  SELECT pg_describe_object('pg_namespace'::regclass, n.oid, 0), 'rights', a.a::text
    FROM pg_namespace n JOIN member m ON m.classid = 'pg_namespace'::regclass AND m.objid = n.oid,
      unnest(coalesce(nspacl, acldefault('n', nspowner))) a
  UNION ALL
  SELECT pg_describe_object('pg_am'::regclass, a.oid, 0), 'attributes', row(amtype, amhandler)::text
    FROM pg_am a JOIN member m ON m.classid = 'pg_am'::regclass AND m.objid = a.oid
  UNION ALL
  SELECT pg_describe_object('pg_event_trigger'::regclass, t.oid, 0), 'attributes',
         row(evtevent, evtfoid::regprocedure, evtenabled, evttags, evtowner::regrole)::text
    FROM pg_event_trigger t JOIN member m ON m.classid = 'pg_event_trigger'::regclass AND m.objid = t.oid

  -- functions
  UNION ALL
  SELECT pg_describe_object('pg_proc'::regclass, p.oid, 0), u.what, u.value
    FROM pg_proc p JOIN member m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid,
      LATERAL (VALUES
        ('definition', pg_get_functiondef(p.oid)),
        ('attributes', row(prokind, prosecdef, proleakproof, proisstrict, proretset, provolatile, proparallel, procost,
                           prorows, prosupport, provariadic, probin, proowner::regrole, proconfig)::text)) AS u(what, value)
  UNION ALL
  SELECT pg_describe_object('pg_proc'::regclass, p.oid, 0), 'rights', a.a::text
    FROM pg_proc p JOIN member m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid,
      unnest(coalesce(proacl, acldefault('f', proowner))) a

  -- operators and their classes
  UNION ALL
  SELECT pg_describe_object('pg_operator'::regclass, o.oid, 0), 'attributes',
         row(oprkind, oprcanmerge, oprcanhash, oprresult::regtype, oprcom::regoperator, oprnegate::regoperator,
             oprcode, oprrest, oprjoin, oprowner::regrole)::text
    FROM pg_operator o JOIN member m ON m.classid = 'pg_operator'::regclass AND m.objid = o.oid
  UNION ALL
  SELECT pg_describe_object('pg_opclass'::regclass, o.oid, 0), 'attributes',
         row(pg_describe_object('pg_opfamily'::regclass, opcfamily, 0), opcintype::regtype, opcdefault, opckeytype::regtype,
             opcowner::regrole)::text
    FROM pg_opclass o JOIN member m ON m.classid = 'pg_opclass'::regclass AND m.objid = o.oid
  UNION ALL
  SELECT pg_describe_object('pg_opfamily'::regclass, o.amopfamily, 0), 'operator',
         row(amoplefttype::regtype, amoprighttype::regtype, amopstrategy, amoppurpose, amopopr::regoperator)::text
    FROM pg_amop o JOIN member m ON m.classid = 'pg_opfamily'::regclass AND m.objid = o.amopfamily
  UNION ALL
  SELECT pg_describe_object('pg_opfamily'::regclass, o.amprocfamily, 0), 'function',
         row(amproclefttype::regtype, amprocrighttype::regtype, amprocnum, amproc)::text
    FROM pg_amproc o JOIN member m ON m.classid = 'pg_opfamily'::regclass AND m.objid = o.amprocfamily

  -- relations
  UNION ALL
  SELECT pg_describe_object('pg_class'::regclass, r.oid, 0), 'attributes',
         row(relkind, relpersistence, relispartition, relrowsecurity, relforcerowsecurity, relreplident, reloptions,
             relowner::regrole, am.amname, reltablespace, pg_get_partkeydef(r.oid))::text
    FROM relation r LEFT JOIN pg_am am ON am.oid = r.relam
  UNION ALL
  SELECT pg_describe_object('pg_class'::regclass, r.oid, 0), 'rights', a.a::text
    FROM relation r, unnest(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))) a
    WHERE relkind <> 'i'
  UNION ALL
  -- the library finds columns by their numbers; some servers keep a number of their own among the options
  SELECT pg_describe_object('pg_class'::regclass, r.oid, 0), 'column',
         row(a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attcollation::regcollation, a.attstorage,
             a.attcompression, a.attidentity, a.attgenerated, a.attacl, a.attstattarget,
             ARRAY(SELECT o FROM unnest(a.attoptions) o WHERE o NOT LIKE 'pg\_attver=%'),
             pg_get_expr(d.adbin, d.adrelid))::text
    FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
    WHERE a.attnum > 0
  UNION ALL
  SELECT pg_describe_object('pg_class'::regclass, r.oid, 0), 'constraint',
         row(conname, contype, condeferrable, condeferred, convalidated, connoinherit, pg_get_constraintdef(c.oid))::text
    FROM relation r JOIN pg_constraint c ON c.conrelid = r.oid
  UNION ALL
  SELECT pg_describe_object('pg_class'::regclass, r.oid, 0), 'index',
         row(indisunique, indisprimary, indisvalid, indisreplident, pg_get_indexdef(r.oid))::text
    FROM relation r JOIN pg_index i ON i.indexrelid = r.oid
  UNION ALL
  SELECT pg_describe_object('pg_class'::regclass, r.oid, 0), 'trigger', row(tgenabled, pg_get_triggerdef(t.oid))::text
    FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid
    WHERE NOT tgisinternal
  UNION ALL
  SELECT pg_describe_object('pg_class'::regclass, r.oid, 0), 'rule', pg_get_ruledef(w.oid, true)
    FROM relation r JOIN pg_rewrite w ON w.ev_class = r.oid
  UNION ALL
  SELECT pg_describe_object('pg_class'::regclass, r.oid, 0), 'policy',
         row(polname, polcmd, polpermissive, polroles::regrole[], pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))::text
    FROM relation r JOIN pg_policy p ON p.polrelid = r.oid
  UNION ALL
  SELECT pg_describe_object('pg_class'::regclass, r.oid, 0), 'sequence',
         row(seqtypid::regtype, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle)::text
    FROM relation r JOIN pg_sequence s ON s.seqrelid = r.oid
  -- what a dump needs to know about rights (it has the changes of them); to have none is to have the default
  UNION ALL
  SELECT pg_describe_object(i.classoid, i.objoid, i.objsubid), 'initial rights', a.a::text
    FROM pg_init_privs i JOIN member m ON m.classid = i.classoid AND m.objid = i.objoid
      LEFT JOIN pg_class c ON i.classoid = 'pg_class'::regclass AND c.oid = i.objoid, unnest(i.initprivs) a
    WHERE i.objsubid <> 0 OR i.initprivs IS DISTINCT FROM acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner)
)
SELECT object || ': ' || what || ': ' || coalesce(value, 'none') AS fact
FROM fact
-- partitions of ddb.stream_records come and go
WHERE object !~ 'ddb\.stream_records_[0-9]+'
ORDER BY 1;
