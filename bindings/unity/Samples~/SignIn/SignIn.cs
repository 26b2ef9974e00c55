using System;
using System.Collections;
using System.IO;
using System.Threading;
using Ropc;
using UnityEngine;

/// <summary>
/// A sign-in screen. Put it on any GameObject, fill in the fields, and press play: no frame waits for the network.
/// Who has signed in once is found signed in the next time.
/// </summary>
public sealed class SignIn : MonoBehaviour
{
    [Tooltip("Host of your LoginRadius site, such as acme.hub.loginradius.com")]
    public string site = "";
    public string app = "";
    public string clientId = "";
    [Tooltip("Where \"Call the API\" goes; its origin gets the access token")]
    public string apiUrl = "";
    [Tooltip("PEM of the only authority to trust, for a server of your own; else none")]
    public TextAsset authority;

    readonly CancellationTokenSource gone = new CancellationTokenSource();
    RopcClient client;
    RopcStore store;
    RopcSession session;
    RopcRequest<RopcSession> login;
    string user = "", password = "", line = "";
    bool busy;

    // What the record in the store is called. There is one player, but a record is of one server and application:
    // a build for another must not find it.
    string Player => site + " " + app + " " + clientId;

    void Awake()
    {
        Application.quitting += End;
#if UNITY_EDITOR
        // The package does this by itself when the domain goes; here it is done before anything else goes.
        UnityEditor.AssemblyReloadEvents.beforeAssemblyReload += End;
#endif
        try
        {
            using (RopcOptions options = RopcOptions.LoginRadius(site, app, clientId))
            {
                if (authority != null)
                    options.SetCaPem(authority.text);
                if (apiUrl != "")
                    options.AddApiOrigin(new Uri(apiUrl).GetLeftPart(UriPartial.Authority));
                client = new RopcClient(options);
            }
            store = RopcStore.File(Path.Combine(Application.persistentDataPath, "login"));
            session = RopcSession.Resume(client, store, Player);
            line = "Welcome back.";
        }
        catch (RopcException why)
        {
            line = why.Reason == RopcReason.NothingStored ? "Please sign in." : why.Message;
        }
    }

    void OnGUI()
    {
        GUILayout.Label(line);
        if (client == null || busy)
            return;
        if (session == null)
        {
            user = GUILayout.TextField(user, 100);
            password = GUILayout.PasswordField(password, '*', 100);
            if (GUILayout.Button("Sign in"))
                Begin();
        }
        else
        {
            if (GUILayout.Button("Call the API"))
                CallApi();
            if (GUILayout.Button("Sign out"))
                SignOut();
        }
    }

    void Begin()
    {
        try
        {
            login = RopcSession.PrepareLogin(client, user, password, store, Player).Start();
            busy = true;
            line = "Signing in...";
            StartCoroutine(Finish());
        }
        catch (RopcException why)
        {
            line = why.Message;
        }
        password = "";
    }

    // A request in a coroutine: Unity looks at it once a frame.
    IEnumerator Finish()
    {
        yield return login;
        try
        {
            session = login.Take();
            line = "Signed in.";
        }
        catch (RopcException why)
        {
            line = why.Message;
            if (why.LockedUntil.HasValue)
                line += " (" + why.LockedUntil.Value.ToLocalTime().ToString("t") + ")";
        }
        login.Dispose();
        busy = false;
    }

    // The same with a task: what follows an await runs on Unity's main thread.
    async void CallApi()
    {
        busy = true;
        try
        {
            using (RopcResponse answer = await session.CallAsync("GET", apiUrl, cancellation: gone.Token))
                line = "The API answered " + answer.HttpStatus + ".";
        }
        catch (RopcException why)
        {
            line = why.Message;
            if (why.Status == RopcStatus.SignedOut)
                Forget();
        }
        catch (OperationCanceledException)
        {
            // This object is gone, and its screen with it.
        }
        busy = false;
    }

    async void SignOut()
    {
        busy = true;
        line = "Signing out...";
        try
        {
            await session.SignOutAsync(gone.Token);
            line = "Signed out.";
            Forget();
        }
        catch (RopcException why)
        {
            // NotRevoked: signed out here, and the message says what the server was not told. Else still signed in.
            line = why.Message;
            if (why.Status == RopcStatus.NotRevoked)
                Forget();
        }
        catch (OperationCanceledException)
        {
            // As above; the next start finds the user signed in or not.
        }
        busy = false;
    }

    void Forget()
    {
        if (session != null)
            session.Dispose();
        session = null;
    }

    void OnDestroy()
    {
        Application.quitting -= End;
#if UNITY_EDITOR
        UnityEditor.AssemblyReloadEvents.beforeAssemblyReload -= End;
#endif
        gone.Cancel();
        if (login != null)
            login.Dispose();
        Forget();
        if (store != null)
            store.Dispose();
        if (client != null)
            client.Dispose();
    }

    // Up to a second, and only when a name look-up is stuck or a refresh is under way.
    static void End()
    {
        RopcLibrary.Shutdown(TimeSpan.FromSeconds(1));
    }
}
