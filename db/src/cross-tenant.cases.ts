/**
 * One case for each exported query, for `cross-tenant.pg.test.ts`: how to call it with the ids of a tenant. At home a `read` must find something and a
 * `write` must change something; in the workspace of another tenant the same call finds and changes nothing. A query without a case
 * fails that test; those that row-level security does not guard say why.
 */
import { randomUUID } from 'node:crypto'
import type { ActorKey, DocumentId, FileId, Oid, ProjectId, Revision, WorkspaceId } from '@skein/protocol'
import type * as db from './index.ts'
import type { Tenant } from './testing/tenant.ts'
import type { Sql, Tx } from './transaction.ts'

type Namespaces = { [Name in Extract<keyof typeof db, `${string}Queries`>]: (typeof db)[Name] }
type Functions<Namespace> = {
  [Name in keyof Namespace as Namespace[Name] extends (...args: never) => unknown ? Name : never]: unknown
}

export type QueryCase =
  | { read: (sql: Sql, of: Tenant) => Promise<unknown> }
  | { write: (tx: Tx, of: Tenant) => Promise<unknown> }
  /** Why it is not the workspace of the transaction that guards it. */
  | { unguarded: string }

export type QueryCases = {
  [Name in keyof Namespaces]?: { [Query in keyof Functions<Namespaces[Name]>]?: QueryCase }
}

const ACTOR = 'person:intruder' as ActorKey
const OTHER_OID = 'f'.repeat(40) as Oid
const key = (of: Tenant): { projectId: ProjectId; workspaceId: WorkspaceId } => ({
  projectId: of.project,
  workspaceId: of.workspace,
})
const history = (of: Tenant): db.documentHistoryQueries.LogRange => ({ document: of.document, after: 0, upto: 9 })
const read = (call: (sql: Sql, of: Tenant) => Promise<unknown>): QueryCase => ({ read: call })
const write = (call: (tx: Tx, of: Tenant) => Promise<unknown>): QueryCase => ({ write: call })
const unguarded = (why: string): QueryCase => ({ unguarded: why })

const BY_PERSON = 'the question is about one person, who is named'
const BY_SECRET = 'looked up by the hash of a secret'
const BY_LOG = 'the log serves all workspaces under its own role; its callers were authorised for the document'
const BY_WORKER = 'the worker looks across workspaces; people never reach it'
const BY_ADMIN = 'the admin of the instance looks across workspaces, at ids, names and outcomes'
const BY_OPERATOR = 'the whole instance is restored before anybody is served'
const NO_TENANT = 'belongs to no workspace'

/** Makes the table. */
export function makeQueryCases(q: Namespaces): QueryCases {
  return {
    accessQueries: {
      findProjectAccess: unguarded(BY_PERSON),
      listDocumentAccess: unguarded(BY_PERSON),
      listRoles: unguarded(BY_PERSON),
    },
    accountQueries: {
      findAccount: unguarded(BY_PERSON),
      findAccountByEmail: unguarded(BY_PERSON),
      updatePasswordHash: unguarded(BY_PERSON),
      deleteSessions: unguarded(BY_PERSON),
      listLiveSessions: unguarded(NO_TENANT),
      sweepSessions: unguarded(NO_TENANT),
    },
    blobQueries: {
      insertBlob: write((tx, a) => q.blobQueries.insertBlob(tx, a.workspace, Buffer.alloc(32), Buffer.from('x'))),
      renewBlob: write((tx, a) => q.blobQueries.renewBlob(tx, a.workspace, a.blob)),
      sweepBlobs: unguarded('covered by renewBlob: the same rows, of which it takes those that no file names'),
      findBlobSize: read((sql, a) => q.blobQueries.findBlobSize(sql, a.workspace, a.blob)),
      findBlobPart: read((sql, a) => q.blobQueries.findBlobPart(sql, a.workspace, a.blob, { at: 0, bytes: 9 })),
    },
    commitQueries: {
      insertCommits: write((tx, a) => q.commitQueries.insertCommits(tx, key(a), [newCommit])),
      findCommit: read((sql, a) => q.commitQueries.findCommit(sql, a.project, a.commit)),
      listOwnCommits: read((sql, a) => q.commitQueries.listOwnCommits(sql, a.project, [a.commit])),
      listCommits: read((sql, a) => q.commitQueries.listCommits(sql, a.project, { before: null, limit: 10 })),
    },
    commitMapQueries: {
      insertMappedCommits: write((tx, a) =>
        q.commitMapQueries.insertMappedCommits(tx, { ...key(a), directory: 'secret' }, [
          { remote: OTHER_OID, local: OTHER_OID, isOwn: true },
        ]),
      ),
      findLocalCommits: read((sql, a) =>
        q.commitMapQueries.findLocalCommits(sql, { projectId: a.project, directory: 'secret' }, [a.commit]),
      ),
      findRemoteCommits: read((sql, a) =>
        q.commitMapQueries.findRemoteCommits(sql, { projectId: a.project, directory: 'secret' }, [a.commit]),
      ),
      listRemoteCommits: read((sql, a) =>
        q.commitMapQueries.listRemoteCommits(sql, { projectId: a.project, directory: 'secret' }, a.commit),
      ),
    },
    conflictQueries: {
      insertConflict: write((tx, a) => q.conflictQueries.insertConflict(tx, key(a), newConflict(a))),
      changeConflict: write((tx, a) => q.conflictQueries.changeConflict(tx, a.project, a.conflict, newConflict(a))),
      keepPlace: write((tx, a) => q.conflictQueries.keepPlace(tx, a.project, a.conflict, { ours: { text: 'taken' } })),
      notePutting: write((tx, a) =>
        q.conflictQueries.notePutting(tx, a.project, a.conflict, null, { ours: { text: 'taken' } }),
      ),
      resolveConflict: write((tx, a) =>
        q.conflictQueries.resolveConflict(tx, a.project, a.conflict, { choice: 'theirs', by: ACTOR }),
      ),
      claimConflict: write((tx, a) => q.conflictQueries.claimConflict(tx, a.project, a.conflict, ACTOR, 60_000)),
      releaseConflict: unguarded('covered by claimConflict: the same row, and only for whoever claimed it'),
      findConflict: read((sql, a) => q.conflictQueries.findConflict(sql, a.project, a.conflict)),
      listLinesIn: read((sql, a) =>
        q.conflictQueries.listLinesIn(sql, a.project, { document: a.document, pullId: a.pull }),
      ),
      listOpenFiles: unguarded('covered by listConflicts: the same rows, those of files'),
      listConflicts: read((sql, a) =>
        q.conflictQueries.listConflicts(sql, a.project, { state: 'open', after: null, limit: 9 }),
      ),
      countOpenConflicts: read((sql, a) => q.conflictQueries.countOpenConflicts(sql, a.project)),
      hasDecisionToCommit: unguarded('covered by countOpenConflicts: the same rows, those that are decided'),
    },
    deliveryQueries: {
      receiveDelivery: unguarded(NO_TENANT),
      recoverDelivery: unguarded(NO_TENANT),
      claimDelivery: unguarded(BY_WORKER),
      nextDeliveryAt: unguarded(BY_WORKER),
      finishDelivery: unguarded(BY_WORKER),
      postponeDelivery: unguarded(BY_WORKER),
      sweepDeliveries: unguarded(BY_WORKER),
      sweepSync: unguarded(BY_WORKER),
      listDeliveries: unguarded(BY_ADMIN),
      countDeliveries: unguarded('numbers without names'),
      readDeliveryHealth: unguarded('numbers without names'),
      countRejections: unguarded(NO_TENANT),
      listConcerned: unguarded(BY_WORKER),
      listLinksStanding: unguarded(BY_ADMIN),
      listOperationsOfInstance: unguarded(BY_ADMIN),
      findProjectOfOperation: unguarded(BY_ADMIN),
    },
    documentCompactionQueries: {
      listDueCompactions: unguarded(BY_WORKER),
      claimCompaction: unguarded(BY_WORKER),
      postponeCompaction: unguarded(BY_WORKER),
      findOpenSegment: read((sql, a) => q.documentCompactionQueries.findOpenSegment(sql, a.document, 1, 9)),
      countSinceKeyframe: read((sql, a) => q.documentCompactionQueries.countSinceKeyframe(sql, a.document, 1)),
      replaceState: unguarded(BY_WORKER),
      deleteLogRows: unguarded(BY_WORKER),
      saveSegment: unguarded(BY_WORKER),
      saveKeyframe: unguarded(BY_WORKER),
    },
    documentHistoryQueries: {
      listKeyframes: read((sql, a) => q.documentHistoryQueries.listKeyframes(sql, a.document)),
      findLogPlace: read((sql, a) => q.documentHistoryQueries.findLogPlace(sql, a.document)),
      findState: read((sql, a) => q.documentHistoryQueries.findState(sql, a.document)),
      findKeyframe: read((sql, a) => q.documentHistoryQueries.findKeyframe(sql, a.document, 9)),
      listSegments: read((sql, a) => q.documentHistoryQueries.listSegments(sql, [history(a)])),
      listLogRows: read((sql, a) => q.documentHistoryQueries.listLogRows(sql, history(a))),
      findEpochStart: read((sql, a) => q.documentHistoryQueries.findEpochStart(sql, a.document)),
    },
    documentLogQueries: {
      readDocument: unguarded(BY_LOG),
      listUpdates: unguarded(BY_LOG),
      listClients: unguarded(BY_LOG),
      lockUnseeded: unguarded(BY_LOG),
      insertSeed: unguarded(BY_LOG),
      listHeads: unguarded(BY_LOG),
      findChange: unguarded(BY_LOG),
      appendUpdates: unguarded(BY_LOG),
      saveText: unguarded(BY_LOG),
      listTexts: unguarded(BY_LOG),
    },
    documentRepairQueries: {
      lockForRepair: unguarded(BY_LOG),
      insertQuarantine: unguarded(BY_LOG),
      listQuarantine: read((sql, a) => q.documentRepairQueries.listQuarantine(sql, a.document, 9)),
      replaceLogRow: unguarded(BY_LOG),
      countRepair: unguarded(BY_LOG),
      fillLogRows: unguarded(BY_LOG),
      deleteSegment: unguarded(BY_LOG),
      deleteKeyframe: unguarded(BY_LOG),
      rewriteState: unguarded(BY_LOG),
      dropOpening: unguarded(BY_LOG),
      rewriteText: unguarded(BY_LOG),
      beginEpoch: unguarded(BY_LOG),
      listClientsOf: read((sql, a) =>
        q.documentRepairQueries.listClientsOf(sql, a.document, 1, `person:${a.user}` as ActorKey),
      ),
      checksumOf: unguarded('keeps nothing and reads nothing'),
      listDocuments: unguarded('for the operator: ids of all documents'),
    },
    eventQueries: {
      insertEvent: write((tx, a) => q.eventQueries.insertEvent(tx, key(a), { type: 'members' }, '')),
      listEvents: read((sql, a) => q.eventQueries.listEvents(sql, a.project, 0, 10)),
      findEventWindow: read((sql, a) => q.eventQueries.findEventWindow(sql, a.project)),
      deleteEventsUpTo: write((tx, a) => q.eventQueries.deleteEventsUpTo(tx, a.project, 1)),
    },
    fileQueries: {
      listFiles: read((sql, a) => q.fileQueries.listFiles(sql, a.project)),
      listFilesAsJson: read((sql, a) => q.fileQueries.listFilesAsJson(sql, a.project)),
      findFile: read((sql, a) => q.fileQueries.findFile(sql, a.project, a.file)),
      findFilesByPath: read((sql, a) => q.fileQueries.findFilesByPath(sql, a.project, [a.path])),
      listFolder: read((sql, a) => q.fileQueries.listFolder(sql, a.project, 'secret/')),
      findFilesByKey: read((sql, a) =>
        q.fileQueries.findFilesByKey(sql, a.project, [a.path], { file: null, folder: null }),
      ),
      findFileInFolder: read((sql, a) =>
        q.fileQueries.findFileInFolder(sql, a.project, 'secret/', { file: null, folder: null }),
      ),
      findFolderTwins: read((sql, a) =>
        q.fileQueries.findFolderTwins(sql, a.project, [{ path: 'Secret/', key: 'secret/' }], {
          file: null,
          folder: null,
        }),
      ),
      insertFiles: write((tx, a) => q.fileQueries.insertFiles(tx, key(a), ACTOR, [newFile()])),
      insertDocuments: write((tx, a) =>
        q.fileQueries.insertDocuments(tx, key(a), [{ id: randomUUID() as DocumentId, fileId: a.trashed, text: '' }]),
      ),
      moveFiles: write((tx, a) => q.fileQueries.moveFiles(tx, a.project, ACTOR, [{ id: a.file, path: 'x', key: 'x' }])),
      setFileMode: write((tx, a) => q.fileQueries.setFileMode(tx, a.project, a.file, ACTOR, 0o100755)),
      setFileContent: write((tx, a) => q.fileQueries.setFileContent(tx, a.project, a.file, ACTOR, newContent)),
      markDirty: unguarded('dirty_file has no row-level security; callers hold the tree’s lock, which has'),
      trashFiles: write((tx, a) => q.fileQueries.trashFiles(tx, a.project, ACTOR, [a.file])),
      listTrash: read((sql, a) => q.fileQueries.listTrash(sql, a.project, { before: null, limit: 10, days: 30 })),
      findTrashedFile: read((sql, a) => q.fileQueries.findTrashedFile(sql, a.project, a.trashed, 30)),
      restoreFile: write((tx, a) =>
        q.fileQueries.restoreFile(tx, a.project, ACTOR, { id: a.trashed, path: 'y', key: 'y' }),
      ),
      purgeTrash: write((tx, a) => q.fileQueries.purgeTrash(tx, a.project, 0, 10)),
    },
    findQueries: {
      listTextFiles: read((sql, a) =>
        q.findQueries.listTextFiles(sql, a.project, {
          ...{ after: '', include: [], exclude: [], literal: null, isCaseSensitive: true, filesMax: 9, bytesMax: 9 },
        }),
      ),
    },
    githubAppQueries: {
      findGithubApp: unguarded(NO_TENANT),
      lockGithubApp: unguarded(NO_TENANT),
      insertGithubApp: unguarded(NO_TENANT),
      updateGithubAppSecrets: unguarded(NO_TENANT),
      deleteGithubApp: unguarded(NO_TENANT),
      insertGithubState: unguarded('kept for the person who asked, and a workspace that was authorised'),
      redeemGithubState: unguarded(BY_SECRET),
    },
    githubLinkQueries: {
      findGithubLink: read((sql, a) => q.githubLinkQueries.findGithubLink(sql, a.project)),
      lockGithubLink: read((sql, a) => q.githubLinkQueries.lockGithubLink(sql as Tx, a.project)),
      insertGithubLink: unguarded('covered by deleteGithubLink: a project has one link'),
      findProjectOfBranch: read((sql, a) => q.githubLinkQueries.findProjectOfBranch(sql, a.repository, 'main', '')),
      deleteGithubLink: write((tx, a) => q.githubLinkQueries.deleteGithubLink(tx, a.project)),
      findFormerLink: read((sql, a) => q.githubLinkQueries.findFormerLink(sql, a.project)),
      putOffApi: write((tx, a) => q.githubLinkQueries.putOffApi(tx, a.project, new Date())),
      recordRepository: write((tx, a) =>
        q.githubLinkQueries.recordRepository(tx, a.project, { fullName: 'x/y', htmlUrl: 'z', archived: true }),
      ),
      recordRules: write((tx, a) => q.githubLinkQueries.recordRules(tx, a.project, {})),
      recordDefaultBranch: write((tx, a) => q.githubLinkQueries.recordDefaultBranch(tx, a.project, 'x')),
      recordLook: write((tx, a) => q.githubLinkQueries.recordLook(tx, a.project, OTHER_OID)),
      recordBranchPush: write((tx, a) =>
        q.githubLinkQueries.recordBranchPush(tx, a.project, { branch: 'b', oid: OTHER_OID, base: null }),
      ),
      recordMerged: write((tx, a) =>
        q.githubLinkQueries.recordMerged(tx, a.project, { theirs: OTHER_OID, isHead: true }),
      ),
      recordPullRequest: write((tx, a) =>
        q.githubLinkQueries.recordPullRequest(tx, a.project, {
          ...{ number: 7, url: 'u', title: 't', state: 'open', headBranch: 'h', baseBranch: 'main' },
          headOid: OTHER_OID,
          mergeOid: null,
          seenWith: null,
        }),
      ),
      recordRefusal: write((tx, a) =>
        q.githubLinkQueries.recordRefusal(tx, a.project, {
          branch: 'tracked',
          rule: 'other',
          head: OTHER_OID,
          reason: 'r',
        }),
      ),
      recordSettled: write((tx, a) => q.githubLinkQueries.recordSettled(tx, a.project, OTHER_OID)),
      forgetMerged: unguarded('covered by recordLook: the same row, whose columns it would set to what they are'),
      recordPullRequestText: write((tx, a) =>
        q.githubLinkQueries.recordPullRequestText(tx, a.project, { hash: 'h', head: OTHER_OID, isSent: true }),
      ),
      restartBranch: unguarded('covered by recordBranchPush: the same columns, which it would set to what they are'),
      setSyncMode: write((tx, a) => q.githubLinkQueries.setSyncMode(tx, a.project, 'hybrid', 'r')),
      setOverlapPolicy: write((tx, a) => q.githubLinkQueries.setOverlapPolicy(tx, a.project, 'ours')),
      setPaused: write((tx, a) => q.githubLinkQueries.setPaused(tx, a.project, 'intruder' as Tenant['user'])),
      setLinkedBranch: write((tx, a) => q.githubLinkQueries.setLinkedBranch(tx, a.project, 'x')),
      renameLinkedBranch: write((tx, a) => q.githubLinkQueries.renameLinkedBranch(tx, a.project, 'x')),
      noteViewer: write((tx, a) => q.githubLinkQueries.noteViewer(tx, a.project)),
      holdGithubLink: write((tx, a) =>
        q.githubLinkQueries.holdGithubLink(tx, a.project, { code: 'c', message: 'm', lifts: 'person', oid: null }),
      ),
      releaseGithubLink: unguarded('covered by holdGithubLink: the same row, whose state it would set to what it is'),
      recordGithubPush: write((tx, a) => q.githubLinkQueries.recordGithubPush(tx, a.project, OTHER_OID)),
      lastPushTo: read((sql, a) => q.githubLinkQueries.lastPushTo(sql, a.repository)),
      findInstallationOwner: unguarded('which workspace an installation belongs to is a question about all of them'),
      claimInstallation: unguarded('which workspace an installation belongs to is a question about all of them'),
      releaseInstallation: unguarded('which workspace an installation belongs to is a question about all of them'),
      countOwnCommitsAfter: read((sql, a) => q.githubLinkQueries.countOwnCommitsAfter(sql, a.project, null, false)),
      findLeastQuota: unguarded(BY_WORKER),
      findQuota: unguarded('asked for with the installation that a link of the caller names'),
    },
    idempotencyQueries: {
      claimRequest: write((tx, a) =>
        q.idempotencyQueries.claimRequest(tx, requestOf({ ...a, user: 'intruder' as Tenant['user'] }, 'new'), {
          requestHash: Buffer.alloc(1),
          run: randomUUID(),
          leaseSeconds: 60,
        }),
      ),
      findRequest: read((sql, a) => q.idempotencyQueries.findRequest(sql as Tx, requestOf(a, a.request.key))),
      answerRequest: write((tx, a) => q.idempotencyQueries.answerRequest(tx, a.request.run, 200, {})),
      releaseRequest: write((tx, a) => q.idempotencyQueries.releaseRequest(tx, a.request.run)),
      forgetRequest: write((tx, a) => q.idempotencyQueries.forgetRequest(tx, a.request.run)),
      sweepRequests: unguarded('covered by forgetRequest: the same rows, of which it takes those of another day'),
    },
    importQueries: {
      insertImportedFiles: write((tx, a) =>
        q.importQueries.insertImportedFiles(tx, key(a), ACTOR, [{ ...newFile(), pathRaw: null, oid: OTHER_OID }]),
      ),
      findImporting: read((sql, a) => q.importQueries.findImporting(sql, a.importing)),
      finishImport: write((tx, a) => q.importQueries.finishImport(tx, a.importing, 'main')),
      failImport: write((tx, a) => q.importQueries.failImport(tx, a.importing)),
    },
    installationQueries: {
      listInstallations: unguarded('without row-level security; asked for with a workspace that was authorised'),
      findInstallation: unguarded('which workspace an installation belongs to is a question about all of them'),
      bindInstallation: unguarded('which workspace an installation belongs to is a question about all of them'),
      unbindInstallation: unguarded('without row-level security; asked for with a workspace that was authorised'),
      updateInstallation: unguarded(BY_WORKER),
      succeedInstallations: unguarded('without row-level security; asked for with a workspace that was authorised'),
      markInstallationRemoved: unguarded(BY_WORKER),
      recordQuota: unguarded(BY_WORKER),
      listProjectsOfRepositories: read((sql, a) =>
        q.installationQueries.listProjectsOfRepositories(sql, [a.repository]),
      ),
    },
    instanceQueries: {
      replaceSecretFingerprint: unguarded(BY_OPERATOR),
      lockSecretFingerprint: unguarded(BY_OPERATOR),
      claimHour: unguarded(NO_TENANT),
      checkAnswers: unguarded(NO_TENANT),
      isRestoreUnfinished: unguarded(NO_TENANT),
      finishRestore: unguarded(NO_TENANT),
      keepSecretFingerprint: unguarded(NO_TENANT),
      findInstanceAdmin: unguarded(NO_TENANT),
      claimInstanceAdmin: unguarded(NO_TENANT),
    },
    invitationQueries: {
      listInvitations: read((sql, a) => q.invitationQueries.listInvitations(sql, a.workspace)),
      insertInvitation: write((tx, a) =>
        q.invitationQueries.insertInvitation(tx, {
          workspaceId: a.workspace,
          tokenHash: Buffer.alloc(32),
          role: 'admin',
          projectId: null,
          createdBy: 'intruder' as Tenant['user'],
          expiresAt: new Date(),
          usesMax: 1,
        }),
      ),
      isProjectOf: read((sql, a) => q.invitationQueries.isProjectOf(sql, a.workspace, a.project)),
      revokeInvitation: write((tx, a) => q.invitationQueries.revokeInvitation(tx, a.workspace, a.invitation)),
      findInvitation: unguarded(BY_SECRET),
      takeInvitation: write((tx, a) => q.invitationQueries.takeInvitation(tx, a.workspace, a.invitation)),
    },
    jobQueries: {
      insertJob: unguarded('jobs have no row-level security; the route names the workspace that it authorised'),
      findJob: unguarded('jobs have no row-level security; asked for with the workspaces of whoever asks'),
      listJobsOfProject: unguarded('jobs have no row-level security; asked for with a project that was authorised'),
      countOpenJobs: unguarded('jobs have no row-level security; a number without names'),
      claimJob: unguarded(BY_WORKER),
      reportJob: unguarded(BY_WORKER),
      finishJob: unguarded(BY_WORKER),
      requeueJob: unguarded(BY_WORKER),
      cancelJobsOf: unguarded('jobs have no row-level security; asked for with a project that was authorised'),
      requestCancel: unguarded('jobs have no row-level security; asked for with a workspace that was authorised'),
    },
    memberQueries: {
      listMembers: read((sql, a) => q.memberQueries.listMembers(sql, a.workspace)),
      findMemberRole: read((sql, a) => q.memberQueries.findMemberRole(sql, a.workspace, a.user)),
      countOwners: read((sql, a) => q.memberQueries.countOwners(sql, a.workspace)),
      insertMember: write((tx, a) =>
        q.memberQueries.insertMember(tx, a.workspace, 'intruder' as Tenant['user'], 'owner'),
      ),
      updateMemberRole: write((tx, a) => q.memberQueries.updateMemberRole(tx, a.workspace, a.user, 'viewer')),
      deleteMember: write((tx, a) => q.memberQueries.deleteMember(tx, a.workspace, a.user)),
    },
    outboxQueries: {
      enqueuePush: write((tx, a) =>
        q.outboxQueries.enqueuePush(tx, { projectId: a.project, ref: 'refs/heads/main', target: OTHER_OID }),
      ),
      askCheck: write((tx, a) => q.outboxQueries.askCheck(tx, a.project, { reason: 'person' })),
      hurrySync: unguarded('the outbox has no row-level security; asked for with a project that was authorised'),
      claimSync: unguarded(BY_WORKER),
      keepSync: unguarded(BY_WORKER),
      lockSync: unguarded(BY_WORKER),
      putBackSync: unguarded(BY_WORKER),
      nextSyncAt: unguarded(BY_WORKER),
      findSync: unguarded('the outbox has no row-level security; asked for with a project that was authorised'),
      listLinkedProjects: read((sql, a) => q.outboxQueries.listLinkedProjects(sql, a.workspace, 'all')),
      readQueue: unguarded(BY_WORKER),
      postponeSync: unguarded(BY_WORKER),
      retrySync: unguarded(BY_WORKER),
      settleSync: unguarded(BY_WORKER),
      wakeIdle: unguarded(BY_WORKER),
      hastenLook: unguarded('the outbox has no row-level security; asked for with a project that was authorised'),
      dropSync: unguarded('the outbox has no row-level security; asked for with a project that was authorised'),
    },
    projectQueries: {
      listProjects: read((sql, a) => q.projectQueries.listProjects(sql, a.workspace, { before: null, limit: 10 })),
      findProject: read((sql, a) => q.projectQueries.findProject(sql, a.project)),
      listSlugs: read((sql, a) => q.projectQueries.listSlugs(sql, a.workspace, '')),
      lockProject: unguarded('takes a lock on rows that it can see, and tells nothing'),
      insertProject: write((tx, a) =>
        q.projectQueries.insertProject(tx, {
          workspaceId: a.workspace,
          slug: 'x',
          name: 'X',
          state: 'ready',
          source: 'empty',
          sourceUrl: null,
          createdBy: ACTOR,
        }),
      ),
      renameProject: write((tx, a) => q.projectQueries.renameProject(tx, a.project, 'Taken')),
      deleteProject: write((tx, a) => q.projectQueries.deleteProject(tx, a.project, ACTOR)),
      advanceTree: write((tx, a) => q.projectQueries.advanceTree(tx, a.project)),
      findTreeVersion: read((sql, a) => q.projectQueries.findTreeVersion(sql, a.project)),
      findChangedFiles: read((sql, a) => q.projectQueries.findChangedFiles(sql, a.project, 10)),
      countChangedFiles: unguarded(
        'numbers without names, for the event hub, which watches projects of all workspaces',
      ),
      findHeadOid: read((sql, a) => q.projectQueries.findHeadOid(sql, a.project)),
    },
    projectColourQueries: {
      claimColours: write((tx, a) => q.projectColourQueries.claimColours(tx, key(a), [ACTOR])),
    },
    packQueries: {
      listDueRepositories: unguarded(BY_WORKER),
      listRepositories: unguarded(BY_WORKER),
      claimPacking: write((tx, a) => q.packQueries.claimPacking(tx, a.project, 1000)),
      releasePacking: write((tx, a) => q.packQueries.releasePacking(tx, a.project, 1000)),
      findPacking: read((sql, a) => q.packQueries.findPacking(sql, a.project)),
      killPacks: write((tx, a) => q.packQueries.killPacks(tx, a.project, [a.pack])),
      recordPacking: write((tx, a) => q.packQueries.recordPacking(tx, a.project, true)),
      deleteDeadPacks: write(async (tx, a) => {
        await q.packQueries.killPacks(tx, a.project, [a.pack])
        return q.packQueries.deleteDeadPacks(tx, a.project, -1000)
      }),
      listRoots: read((sql, a) => q.packQueries.listRoots(sql, a.project, 1)),
    },
    pullQueries: {
      listLeftPulls: unguarded(BY_WORKER),
      findPullState: read((sql, a) => q.pullQueries.findPullState(sql, a.pull)),
      findApplyingPull: read((sql, a) => q.pullQueries.findApplyingPull(sql, a.importing)),
      insertPull: write((tx, a) => q.pullQueries.insertPull(tx, key(a), newPull)),
      countPullAttempt: write((tx, a) => q.pullQueries.countPullAttempt(tx, a.importing, a.pull)),
      endPull: write((tx, a) => q.pullQueries.endPull(tx, a.importing, a.pull, 'done')),
      abandonPullSnapshots: write((tx, a) => q.pullQueries.abandonPullSnapshots(tx, a.importing, a.pull)),
      insertPullFiles: write((tx, a) =>
        q.pullQueries.insertPullFiles(tx, a.workspace, a.pull, [Buffer.from('intruder.md')]),
      ),
      insertPullTexts: write((tx, a) =>
        q.pullQueries.insertPullTexts(tx, a.workspace, a.pull, [{ path: Buffer.from('intruder.md'), file: a.file }]),
      ),
      listPullFiles: read((sql, a) => q.pullQueries.listPullFiles(sql, a.pull)),
      listLiveFiles: read((sql, a) => q.pullQueries.listLiveFiles(sql, a.project)),
      listHeads: read((sql, a) => q.pullQueries.listHeads(sql, a.project, [a.document])),
      insertPulledFiles: write((tx, a) =>
        q.pullQueries.insertPulledFiles(tx, key(a), ACTOR, [{ ...newFile(), pathRaw: null, oid: OTHER_OID }]),
      ),
      patchFiles: write((tx, a) =>
        q.pullQueries.patchFiles(tx, a.project, ACTOR, [{ ...newFile(), id: a.file, pathRaw: null, oid: OTHER_OID }]),
      ),
      setLineEnds: write((tx, a) =>
        q.pullQueries.setLineEnds(tx, a.project, ACTOR, [{ id: a.file, document: a.document, eol: 'crlf', bom: true }]),
      ),
      parkFiles: write((tx, a) => q.pullQueries.parkFiles(tx, a.project, [a.file])),
      setDefaultBranch: write((tx, a) => q.pullQueries.setDefaultBranch(tx, a.project, 'taken')),
      recordPull: write((tx, a) => q.pullQueries.recordPull(tx, a.project, OTHER_OID)),
      countPullConflicts: read((sql, a) => q.pullQueries.countPullConflicts(sql, a.pull)),
    },
    repositoryCheckQueries: {
      listPromisedFiles: read((sql, a) => q.repositoryCheckQueries.listPromisedFiles(sql, a.project)),
      listPromisedObjects: read((sql, a) => q.repositoryCheckQueries.listPromisedObjects(sql, a.project)),
      listCommitOids: read((sql, a) => q.repositoryCheckQueries.listCommitOids(sql, a.project)),
    },
    repositoryQueries: {
      ensureRepository: unguarded('covered by claimRepository: a project has one repository'),
      claimRepository: write((tx, a) => q.repositoryQueries.claimRepository(tx, a.project, 1000)),
      renewClaim: write((tx, a) => q.repositoryQueries.renewClaim(tx, a.project, 0, 1000)),
      outdateClaims: unguarded('covered by renewClaim: the same row'),
      releaseClaim: unguarded('covered by renewClaim: the same row'),
      advanceGeneration: write((tx, a) => q.repositoryQueries.advanceGeneration(tx, a.project, 1)),
      findRefs: read((sql, a) => q.repositoryQueries.findRefs(sql, a.project)),
      findRef: read((sql, a) => q.repositoryQueries.findRef(sql, a.project, 'refs/heads/main')),
      moveRef: write((tx, a) =>
        q.repositoryQueries.moveRef(tx, key(a), { name: 'refs/heads/main', from: a.commit, to: OTHER_OID }),
      ),
      insertReflog: write((tx, a) =>
        q.repositoryQueries.insertReflog(tx, key(a), {
          name: 'r',
          from: null,
          to: OTHER_OID,
          actor: ACTOR,
          reason: 'x',
        }),
      ),
      insertPackChunk: write((tx, a) =>
        q.repositoryQueries.insertPackChunk(tx, key(a), { sha: OTHER_OID, part: 'pack', n: 0, data: Buffer.from('x') }),
      ),
      lockRepository: unguarded('takes a lock on rows that it can see, and tells nothing'),
      insertPack: write((tx, a) =>
        q.repositoryQueries.insertPack(tx, key(a), { sha: a.hiddenPack, source: 'fetch', packBytes: 6, indexBytes: 0 }),
      ),
      listPacksAfter: read((sql, a) => q.repositoryQueries.listPacksAfter(sql, a.project, 0)),
      findPackChunk: read((sql, a) => q.repositoryQueries.findPackChunk(sql, a.project, a.pack, 'pack', 0)),
      listFirstChunks: read((sql, a) => q.repositoryQueries.listFirstChunks(sql, a.project, [a.pack])),
      deleteHiddenChunks: write((tx, a) => q.repositoryQueries.deleteHiddenChunks(tx, a.project, a.hiddenPack)),
      sweepHiddenChunks: write((tx, a) => q.repositoryQueries.sweepHiddenChunks(tx, a.project, 1)),
    },
    requestLimitQueries: {
      countRequest: unguarded(NO_TENANT),
      clearRequests: unguarded(NO_TENANT),
      sweepRequests: unguarded(NO_TENANT),
    },
    restoreQueries: {
      listUnfolded: unguarded(BY_OPERATOR),
      findFold: unguarded(BY_OPERATOR),
      setRestAside: unguarded(BY_OPERATOR),
      beginEpochs: unguarded(BY_OPERATOR),
      sampleDocuments: unguarded(BY_OPERATOR),
      countDocuments: unguarded(BY_OPERATOR),
    },
    secretFindingQueries: {
      keepSecretFindings: write((tx, a) => q.secretFindingQueries.keepSecretFindings(tx, key(a), [])),
      listSecretFindings: read((sql, a) => q.secretFindingQueries.listSecretFindings(sql, a.project, 10)),
      listReleasedFingerprints: read(async (sql, a) => {
        const found = await q.secretFindingQueries.listReleasedFingerprints(sql, a.project)
        return found.length > 0 ? found : q.secretFindingQueries.listOpenSecrets(sql, a.project)
      }),
      findSecretState: read((sql, a) => q.secretFindingQueries.findSecretState(sql, a.project, a.secretFinding)),
      listOpenSecrets: read((sql, a) => q.secretFindingQueries.listOpenSecrets(sql, a.project)),
      releaseSecretFinding: write((tx, a) =>
        q.secretFindingQueries.releaseSecretFinding(tx, a.project, a.secretFinding, a.user, null),
      ),
    },
    snapshotQueries: {
      listDirtyProjects: unguarded(BY_WORKER),
      findActivity: read((sql, a) => q.snapshotQueries.findActivity(sql, a.project)),
      advanceCut: write((tx, a) => q.snapshotQueries.advanceCut(tx, a.project)),
      listCutFiles: read((sql, a) => q.snapshotQueries.listCutFiles(sql, a.project)),
      insertSnapshot: write((tx, a) => q.snapshotQueries.insertSnapshot(tx, key(a), newSnapshot)),
      listOpenSnapshots: read((sql, a) => q.snapshotQueries.listOpenSnapshots(sql, a.project)),
      endSnapshot: write((tx, a) =>
        q.snapshotQueries.endSnapshot(tx, a.project, a.snapshot, { state: 'abandoned', commit: null }),
      ),
      listDocumentsAtCut: read((sql, a) =>
        q.snapshotQueries.listDocumentsAtCut(sql, [{ document: a.document, seq: 1 }]),
      ),
      listUpdates: read((sql, a) => q.snapshotQueries.listUpdates(sql, [{ document: a.document, after: 0, upto: 9 }])),
      keepTexts: write((tx, a) => q.snapshotQueries.keepTexts(tx, [{ document: a.document, seq: 9, text: 'taken' }])),
      settleFiles: write((tx, a) =>
        q.snapshotQueries.settleFiles(tx, [
          { file: a.file, path: 'x', mode: 0o100644, oid: OTHER_OID, seq: 1, blobSha256: null, bytes: null },
        ]),
      ),
      lockTree: unguarded('takes a lock on rows that it can see, and tells nothing'),
      lockDocuments: unguarded('takes a lock on rows that it can see, and tells nothing'),
      clearDirtyFiles: unguarded('dirty_file has no row-level security; callers hold the lock of the cut, which has'),
      listNames: unguarded(BY_PERSON),
    },
    suggestionQueries: {
      insertSuggestions: write((tx, a) =>
        q.suggestionQueries.insertSuggestions(
          tx,
          key(a),
          { document: a.document, run: 'other', call: 'other', author: ACTOR, revision: 'r' as Revision },
          [newSuggestion],
        ),
      ),
      listSuggestions: read((sql, a) =>
        q.suggestionQueries.listSuggestions(sql, a.project, { after: null, document: null, limit: 9 }),
      ),
      countOpenSuggestions: read((sql, a) => q.suggestionQueries.countOpenSuggestions(sql, a.document, 9)),
    },
    syncOperationQueries: {
      listSyncOperations: read((sql, a) => q.syncOperationQueries.listSyncOperations(sql, a.project, null, 10)),
      findSyncOperation: read((sql, a) => q.syncOperationQueries.findSyncOperation(sql, a.project, a.operation)),
      beginSyncOperation: write((tx, a) =>
        q.syncOperationQueries.beginSyncOperation(tx, key(a), {
          ...{ direction: 'push', mode: 'hybrid', trigger: 'x', branch: 'main', delivery: null, pullRequest: null },
          oidBefore: null,
          oidAfter: a.commit,
        }),
      ),
      endSyncOperation: write((tx, a) =>
        q.syncOperationQueries.endSyncOperation(tx, a.operation, { state: 'done', error: null }),
      ),
      endArrivedPush: unguarded('covered by endSyncOperation: the same row, when it failed'),
      insertSyncEvent: write((tx, a) =>
        q.syncOperationQueries.insertSyncEvent(tx, key(a), {
          ...{ mode: 'hybrid', trigger: 'x', state: 'done', branch: 'main', delivery: null, pullRequest: null },
          note: 'n',
          code: null,
        }),
      ),
    },
    ticketQueries: {
      insertTicket: unguarded(BY_PERSON),
      redeemTicket: unguarded(BY_SECRET),
    },
    tokenQueries: {
      listTokens: unguarded(BY_PERSON),
      countActiveTokens: unguarded(BY_PERSON),
      insertToken: unguarded(BY_PERSON),
      findTokens: unguarded(BY_SECRET),
      listGoodTokens: unguarded('tokens that were presented, looked at again'),
      touchTokens: unguarded('notes a use of tokens that were just presented'),
      revokeToken: unguarded(BY_PERSON),
    },
    workspaceQueries: {
      listWorkspacesOf: unguarded(BY_PERSON),
      findWorkspaceOf: unguarded(BY_PERSON),
      insertWorkspace: unguarded('makes a workspace that nobody has yet; covered by renameWorkspace for others'),
      lockWorkspace: read((sql, a) => q.workspaceQueries.lockWorkspace(sql as Tx, a.workspace)),
      renameWorkspace: write((tx, a) => q.workspaceQueries.renameWorkspace(tx, a.workspace, 'Taken')),
      deleteWorkspace: write((tx, a) => q.workspaceQueries.deleteWorkspace(tx, a.workspace)),
      listProjectNames: read((sql, a) => q.workspaceQueries.listProjectNames(sql, a.workspace)),
    },
  }
}

const requestOf = (of: Tenant, key: string): db.idempotencyQueries.RequestKey => ({
  workspaceId: of.workspace,
  userId: of.user,
  route: of.request.route,
  key,
})

const newSuggestion: db.suggestionQueries.NewSuggestion = {
  n: 0,
  reason: 'changed',
  anchorStart: Buffer.alloc(1),
  anchorEnd: Buffer.alloc(1),
  baseText: 'x',
  presentText: 'y',
  newText: 'z',
}

const newConflict = (of: Tenant): db.conflictQueries.NewConflict => ({
  kind: 'lines',
  what: 'lines',
  path: 'intruder.md',
  fileId: of.file,
  documentId: of.document,
  pullId: of.pull,
  line: 1,
  contextBefore: '',
  contextAfter: '',
  base: { text: 'x' },
  ours: { text: 'secret and more' },
  theirs: { text: 'z' },
  anchors: { anchorStart: Buffer.alloc(1), anchorEnd: Buffer.alloc(1) },
  oursBy: [ACTOR],
  remote: { oid: OTHER_OID, authorName: 'X', at: null },
})

const newCommit: db.commitQueries.NewCommit = {
  oid: OTHER_OID,
  parents: [],
  authorName: 'X',
  authorEmail: 'x@example.org',
  authorActor: null,
  authoredAt: new Date(0),
  committedAt: new Date(0),
  message: 'x',
  kind: 'snapshot',
  filesChanged: null,
}

const newContent: db.fileQueries.FileContent = {
  kind: 'binary',
  bytes: 0,
  documentId: null,
  eol: null,
  bom: false,
  blobSha256: null,
}

const newFile = (): db.fileQueries.NewFile => ({
  ...newContent,
  id: randomUUID() as FileId,
  path: 'intruder.md',
  key: 'intruder.md',
  mode: 0o100644,
})

const newPull: Omit<db.pullQueries.PullRow, 'id' | 'attempts' | 'createdAt'> = {
  kind: 'merge',
  base: null,
  ours: null,
  theirs: OTHER_OID,
  operation: null,
  detail: { branch: 'main', fullName: 'intruder/notes', left: null },
}

const newSnapshot: db.snapshotQueries.NewSnapshot = {
  cut: 9,
  treeVersion: 9,
  base: null,
  at: new Date(0),
  author: ACTOR,
  authorName: 'X',
  coAuthors: [],
  message: 'x',
  files: [],
  parents: null,
  pull: null,
}
