// What can be provisioned, and the pins. Where each sum comes from is said beside it; `go install` needs none here,
// because Go checks every module against its public checksum database, so there the newest version can stand.

/** @typedef {import("./index.d.mts").Tool} Tool */

/** @type {Tool} */
export const natsServer = {
  name: "nats-server",
  variable: "SHOAL_NATS_SERVER",
  goodFrom: "2.10.0",
  worksFrom: "2.9.0",
  lacks: "it has no consumers with several filter subjects, no stream metadata and no subject transforms",
  release: {
    repository: "nats-io/nats-server",
    version: "2.14.5",
    archive: ({ os, arch }) => `nats-server-v2.14.5-${os}-${arch}.${os === "windows" ? "zip" : "tar.gz"}`,
    // From the Dockerfiles of the official `nats` image (linux, windows) and the manifests of hermit (darwin).
    sha256: {
      "nats-server-v2.14.5-linux-amd64.tar.gz":
        "5e3b603d47c447bda1f77f9ac16dbf91c90aac4ff3681f8fbbc7201e4ed99355",
      "nats-server-v2.14.5-linux-arm64.tar.gz":
        "673a98d3faa79dde3f9ebf16d6dfac36a5f694e7ad2015e4954dd7939c85cd4c",
      "nats-server-v2.14.5-linux-arm6.tar.gz":
        "e0c6a5ce708c7a57cae5008805397046f6502c627cdc00bfff33af0929d07d50",
      "nats-server-v2.14.5-linux-arm7.tar.gz":
        "c8796b63a8603fdebabd63146ac3d3997c29a2829fdd2af6db320f4a287f2e71",
      "nats-server-v2.14.5-linux-386.tar.gz":
        "7eb520d5080d2c4b2e9ad0866aa301f7c7af35058bfae61c1ba0cef472d21d47",
      "nats-server-v2.14.5-linux-s390x.tar.gz":
        "829193e8c592e0df5f15402c27417df18d26503d22b77dfc9491982fe0b51a67",
      "nats-server-v2.14.5-linux-ppc64le.tar.gz":
        "5d8f1a264a3bc4b30899814ae8e898b1268e817074635adddd24b32f388e4cc4",
      "nats-server-v2.14.5-linux-loong64.tar.gz":
        "e0c584e45453c5a5ed387f14a96eaa8cb84cb110f0ff9031699087b23e3b2c2d",
      "nats-server-v2.14.5-darwin-amd64.tar.gz":
        "f95c98d6b6ed2b63c5681b46b092c9585c99767d547cf495730c329234625e96",
      "nats-server-v2.14.5-darwin-arm64.tar.gz":
        "ddd907854d9a2de834af133fa396915fe6442fe6d8909ae31390d1ea7a0fea50",
      "nats-server-v2.14.5-windows-amd64.zip":
        "f66f840a211ab665083b88e9b7edbcf6296cda143be47e53e6f6bb8520692bbb",
    },
  },
  go: { module: "github.com/nats-io/nats-server/v2", folder: "", version: "2.15.2" },
  apt: "nats-server",
  byHand: {
    darwin: "brew install nats-server",
    win32: "scoop install main/nats-server",
    other: "apt-get install nats-server (Debian, Ubuntu), or your system's own package",
  },
};

/** @type {Tool} */
export const natsCli = {
  name: "nats",
  variable: "SHOAL_NATS_CLI",
  // `nats micro` got its name in 0.1; before, it was `nats service`.
  goodFrom: "0.1.0",
  worksFrom: "0.1.0",
  lacks: "it has no `nats micro`",
  release: {
    repository: "nats-io/natscli",
    version: "0.4.0",
    archive: ({ os, arch }) => `nats-0.4.0-${os}-${arch}.zip`,
    // From the project's own Homebrew formula (darwin, linux) and Scoop's manifest (windows).
    sha256: {
      "nats-0.4.0-linux-amd64.zip": "8dbd437c826b953dbd7432cf890ef22ba3c33dccc3dce5e71b3e8d055427849c",
      "nats-0.4.0-linux-arm64.zip": "9ce0c8a6653cd697d0b32687fcb53b59c13a2ad7a6ade7af8ad8a1c0f7357a87",
      "nats-0.4.0-linux-arm6.zip": "8cc4e9155a669164e7c04be3275c5766753788aed96bf4b441e4c022c667c8ff",
      "nats-0.4.0-darwin-amd64.zip": "87cbc208a9fb1dcd3be364ab351a14901c9c29d50ef6a7a2fd897362dbb0db47",
      "nats-0.4.0-darwin-arm64.zip": "39a68a0673f1b87d0887f48b02ca17f5d803f5689d4a9cff8e74b6411d6baef7",
      "nats-0.4.0-windows-amd64.zip": "72f87f901b6026f2b749dbf77b9b2d82590643e7c35f101809fcd5a01486c407",
      "nats-0.4.0-windows-arm64.zip": "6261ad31ee5207034693fa3fe1aea33fc6652284e2d58f3e9932296647e517fe",
      "nats-0.4.0-windows-386.zip": "d3b89ccce0f12fd61123a8b24da703a86310c9541b18fe746041d04605705e09",
    },
  },
  go: { module: "github.com/nats-io/natscli", folder: "/nats", version: "0.5.1" },
  apt: undefined,
  byHand: {
    darwin: "brew install nats-io/nats-tools/nats",
    win32: "scoop install extras/natscli",
    other: "the .deb or .rpm from the release page",
  },
};
