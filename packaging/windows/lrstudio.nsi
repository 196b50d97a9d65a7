; Makes LR-Studio-VERSION-setup.exe, which installs for one user, without an administrator; /S does it silently.
;   makensis -WX -DVERSION=0.1.0 -DPAYLOAD=path\to\lrstudio -DOUT=LR-Studio-0.1.0-setup.exe packaging/windows/lrstudio.nsi
; PAYLOAD is the folder that PyInstaller leaves. -DTARGET=amd64-unicode makes a setup that 64-bit wine can run.

!ifdef TARGET
  Target ${TARGET}
!endif
Unicode true
SetCompressor /SOLID lzma
ManifestDPIAware true
RequestExecutionLevel user

!include MUI2.nsh
!include FileFunc.nsh

!define NAME "LR Studio"
!define TYPE "LRStudio.Session"
!define LESSONS "LRStudio.Lessons"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\LRStudio"
!define ICON "${__FILEDIR__}\..\icons\lrstudio.ico"

Name "${NAME}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\LR Studio"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${NAME} setup"
VIAddVersionKey "LegalCopyright" "The LR Studio authors, MIT licence"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_FINISHPAGE_RUN "$INSTDIR\LR Studio.exe"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "SimpChinese"

Section
  Call RemoveOld
  SetOutPath "$INSTDIR"
  File /r "${PAYLOAD}\*"
  WriteUninstaller "$INSTDIR\uninstall.exe"

  CreateShortcut "$SMPROGRAMS\LR Studio.lnk" "$INSTDIR\LR Studio.exe"

  WriteRegStr HKCU "Software\Classes\${TYPE}" "" "LR Studio session"
  WriteRegStr HKCU "Software\Classes\${TYPE}\DefaultIcon" "" '"$INSTDIR\LR Studio.exe",0'
  WriteRegStr HKCU "Software\Classes\${TYPE}\shell\open\command" "" '"$INSTDIR\LR Studio.exe" "%1"'
  WriteRegStr HKCU "Software\Classes\.lrs" "" "${TYPE}"
  WriteRegStr HKCU "Software\Classes\.lrs\OpenWithProgids" "${TYPE}" ""
  WriteRegStr HKCU "Software\Classes\${LESSONS}" "" "LR Studio lessons"
  WriteRegStr HKCU "Software\Classes\${LESSONS}\DefaultIcon" "" '"$INSTDIR\LR Studio.exe",0'
  WriteRegStr HKCU "Software\Classes\${LESSONS}\shell\open\command" "" '"$INSTDIR\LR Studio.exe" "%1"'
  WriteRegStr HKCU "Software\Classes\.lrlesson" "" "${LESSONS}"
  WriteRegStr HKCU "Software\Classes\.lrlesson\OpenWithProgids" "${LESSONS}" ""
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'

  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\LR Studio.exe"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The LR Studio authors"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0
SectionEnd

; What an older version installed goes first: its modules would be found beside the new ones.
Function RemoveOld
  IfFileExists "$INSTDIR\uninstall.exe" 0 done
    RMDir /r "$INSTDIR\_internal"
    Delete "$INSTDIR\LR Studio.exe"
    IfFileExists "$INSTDIR\LR Studio.exe" 0 done ; it runs
      MessageBox MB_OK|MB_ICONEXCLAMATION "LR Studio is running. Please close it, then start the setup again." /SD IDOK
      SetErrorLevel 2
      Quit
  done:
FunctionEnd

; Only what was installed is removed: the folder may be one that the user chose and keeps other things in.
Section "Uninstall"
  Delete "$INSTDIR\LR Studio.exe"
  IfFileExists "$INSTDIR\LR Studio.exe" 0 closed
    MessageBox MB_OK|MB_ICONEXCLAMATION "LR Studio is running. Please close it, then uninstall it again." /SD IDOK
    SetErrorLevel 2
    Quit
  closed:
  Delete "$INSTDIR\lrstudio-cli.exe"
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\LR Studio.lnk"

  DeleteRegKey HKCU "Software\Classes\${TYPE}"
  DeleteRegValue HKCU "Software\Classes\.lrs\OpenWithProgids" "${TYPE}"
  ReadRegStr $0 HKCU "Software\Classes\.lrs" ""
  StrCmp $0 "${TYPE}" 0 others ; another program may have taken the type meanwhile
    DeleteRegValue HKCU "Software\Classes\.lrs" ""
  others:
  DeleteRegKey /ifempty HKCU "Software\Classes\.lrs\OpenWithProgids"
  DeleteRegKey /ifempty HKCU "Software\Classes\.lrs"
  DeleteRegKey HKCU "Software\Classes\${LESSONS}"
  DeleteRegValue HKCU "Software\Classes\.lrlesson\OpenWithProgids" "${LESSONS}"
  ReadRegStr $0 HKCU "Software\Classes\.lrlesson" ""
  StrCmp $0 "${LESSONS}" 0 kept
    DeleteRegValue HKCU "Software\Classes\.lrlesson" ""
  kept:
  DeleteRegKey /ifempty HKCU "Software\Classes\.lrlesson\OpenWithProgids"
  DeleteRegKey /ifempty HKCU "Software\Classes\.lrlesson"
  DeleteRegKey HKCU "${UNINSTALL}"
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
SectionEnd
