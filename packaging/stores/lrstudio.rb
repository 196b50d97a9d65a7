cask "lrstudio" do
  arch arm: "arm64", intel: "x86_64"

  version "${VERSION}"
  sha256 arm:   "${SHA256_ARM64}",
         intel: "${SHA256_X86_64}"

  url "${FILES}/LR-Studio-#{version}-#{arch}.dmg"
  name "LR Studio"
  desc "See, feel and understand what the learning rate does"
  homepage "${HOME_URL}"

  depends_on macos: ">= :sonoma"

  app "LR Studio.app"

  zap trash: [
    "~/Library/Application Support/LR Studio",
    "~/Library/Preferences/com.lr-studio.LR Studio.plist",
  ]
end
